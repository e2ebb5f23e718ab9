import { CreateImport, IMPORT_ACTIONS, Import, ImportFailure, type ImportState, type Tier } from "@ziggurat/contracts";
import { whyNotImport } from "@ziggurat/pyramid";

/** An import with its model's and owner's names. */
export interface ImportRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly model_id: string;
  readonly model: string;
  readonly tier: Tier;
  readonly request: unknown;
  readonly state: ImportState;
  readonly revision: string | null;
  readonly failure: unknown;
  readonly files_total: number | null;
  readonly files_done: number;
  readonly bytes_total: string | null;
  readonly bytes_done: string;
  readonly bytes_per_second: number | null;
  /** Somebody transfers at this moment. */
  readonly is_held: boolean;
  readonly mishaps: number;
  readonly version: string | null;
  readonly requested_by: string;
  readonly requested_by_name: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export const SELECT_IMPORT = `
  select i.*, t.slug as owner, m.namespace || '/' || m.slug as model, m.tier, coalesce(i.lease_until > now(), false) as is_held,
    case when v.id is not null then m.namespace || '/' || m.slug || '@' || v.number end as version
  from imports i join models m on m.id = i.model_id join institutions t on t.id = i.institution_id
    left join versions v on v.id = i.version_id`;

export const requestOf = (row: Pick<ImportRow, "request">): CreateImport => CreateImport.parse(row.request);

/** @param denied why this viewer may not act on it at all, or null */
export function importOf(row: ImportRow, denied: string | null): Import {
  const { model: _, ...request } = requestOf(row);
  const total = row.bytes_total === null ? null : Number(row.bytes_total);
  const done = Number(row.bytes_done);
  const speed = row.state === "transferring" && row.is_held ? row.bytes_per_second : null;
  return Import.parse({
    id: row.id,
    model: row.model,
    tier: row.tier,
    owner: row.owner,
    ...request,
    state: row.state,
    revision: row.revision,
    files: { done: row.files_done, total: row.files_total },
    bytes: { done, total },
    bytesPerSecond: speed,
    secondsLeft: speed === null || speed <= 0 || total === null ? null : (total - done) / speed,
    failure: row.failure === null ? null : ImportFailure.parse(row.failure),
    version: row.version,
    moves: IMPORT_ACTIONS.map((action) => {
      const reason = denied ?? whyNotImport(action, row.state);
      return { action, allowed: reason === null, reason };
    }),
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  });
}
