import { Injectable } from "@nestjs/common";
import type { VersionState } from "@ziggurat/contracts";
import { type HoldOn, LIVE_STATES, type PurgeFacts, type Share } from "@ziggurat/pyramid";
import { auditDigest } from "../platform/database/audit-record.js";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { VERSION_IS_HELD } from "../registry/retained.repository.js";
import type { PurgeTarget } from "./purge-row.js";

/** Everything about a purge before it is decided. */
export interface PurgeCase {
  readonly facts: PurgeFacts;
  readonly files: number;
  readonly sizeBytes: number;
  readonly ownBytes: number;
  /** Changes when anything does that the decision looks at. */
  readonly graph: string;
}

type Dependents = "live" | "held" | "rollbacks" | "returning" | "drafts" | "jobs";

/** Things named for each reason at most. */
const NAMED = 3;

/**
 * `reach`: what descends from version $1, or learnt from dataset version $2 or was scored on it, with all that descends from that. The line
 * closure answers for sealed versions; drafts lie on no line, and only their own parents are known.
 */
const REACH = `
  roots as materialized (
    select id, line_id, line_seq from versions where id = $1 and line_id is not null
    union select v.id, v.line_id, v.line_seq from dataset_uses u join versions v on v.id = u.version_id
      where u.dataset_version_id = $2 and v.line_id is not null),
  below as materialized (
    select line_id, min(k) as k from (
      select c.line_id, c.min_seq as k from roots r join line_closure c on c.anc_line = r.line_id and c.anc_seq >= r.line_seq
      union all select line_id, line_seq from roots) hit group by line_id),
  reach as materialized (
    select v.id from below b join versions v on v.line_id = b.line_id and v.line_seq >= b.k where v.id is distinct from $1
    union select e.child_id from edges e where e.parent_id = $1
    union select e.version_id from evaluations e where e.dataset_version_id = $2)`;

/** What each of them is, and whether it is the viewer's own or shared. */
const CLASSED = `
  pointed as materialized (
    select a.version_id from aliases a where a.model_id in (select v.model_id from reach r join versions v on v.id = r.id)
    union select (select h.version_id from alias_moves h where h.model_id = a.model_id and h.name = a.name and h.version_id <> a.version_id
        order by h.n desc limit 1)
      from aliases a where a.model_id in (select v.model_id from reach r join versions v on v.id = r.id)),
  classed as materialized (
    select v.id, v.state, m.namespace || '/' || m.slug || '@' || v.number as ref, v.institution_id in ($3, $4) as is_own, k.*
    from reach r join versions v on v.id = r.id join models m on m.id = v.model_id
      left join tombstones t on t.version_id = v.id
      cross join lateral (select
        v.state = any($5) as live,
        ${VERSION_IS_HELD} as held,
        t.id is null and v.id in (select version_id from pointed) as rollbacks,
        t.id is null and (v.state = 'quarantined' or v.state = 'recalled' and exists (select 1 from recall_items i
          where i.version_id = v.id and i.lifted_at is null and i.before_state <> 'recalled')) as returning,
        t.id is null and v.state = 'draft' as drafts) k),
  busy as materialized (
    select j.id, j.state, j.id as ref, j.institution_id in ($3, $4) as is_own from jobs j
    where j.state not in ('succeeded', 'failed', 'cancelled')
      and (j.parent_version_id = $1 or $1 is not null and j.parent_version_id in (select id from reach)
        or j.id in (select job_id from job_datasets where dataset_version_id = $2)))`;

/** Reads what stands on a version or dataset version, and what keeps it. Never a walk down the edges. */
@Injectable()
export class PurgeFactsRepository {
  async of(tx: Tx, target: PurgeTarget): Promise<PurgeCase> {
    const subject = await this.subject(tx, target);
    const dependents = await this.dependents(tx, target);
    const content = await this.content(tx, target);
    const facts = { ...subject, ...dependents.shares };
    return { facts, ...content, graph: auditDigest({ target, facts, content, reach: dependents.marks }) };
  }

  private async subject(tx: Tx, { kind, id, institutionId, modelId }: PurgeTarget) {
    const [row] = await tx.query<{ state: VersionState | null; is_purged: boolean; since: Date }>(SUBJECT[kind], [id]);
    if (row === undefined) throw new Error(`${id} cannot be read.`);
    const holds = await tx.query<HoldOn>(
      `select id, case when version_id is not null then 'version' when model_id is not null then 'model'
         when dataset_version_id is not null then 'dataset' else 'institution' end as kind
       from legal_holds where lifted_at is null and (version_id = $1 or dataset_version_id = $1 or model_id = $2 or held_institution_id = $3)
       order by id`,
      [id, modelId, institutionId],
    );
    const names = modelId === null ? [] : await this.names(tx, id, modelId);
    return {
      state: row.state,
      isPurged: row.is_purged,
      since: row.since,
      holds,
      aliases: names.filter(({ is_current }) => is_current).map(({ name }) => name),
      rollbackOf: names.filter(({ is_current }) => !is_current).map(({ name }) => name),
    };
  }

  /** Aliases that point to a version, or pointed to it last before what they point to now. */
  private names(tx: Tx, versionId: string, modelId: string): Promise<{ readonly name: string; readonly is_current: boolean }[]> {
    return tx.query(
      `select a.name, a.version_id = $1 as is_current from aliases a where a.model_id = $2 and (a.version_id = $1
         or $1 = (select h.version_id from alias_moves h where h.model_id = a.model_id and h.name = a.name and h.version_id <> a.version_id
           order by h.n desc limit 1)) order by a.name`,
      [versionId, modelId],
    );
  }

  private async dependents(tx: Tx, { kind, id }: PurgeTarget) {
    const rows = await tx.query<Share & { readonly reason: Dependents; readonly mark: string }>(
      `with ${REACH}, ${CLASSED}, listed as (
         select k.reason, c.id, c.state, c.ref, c.is_own from classed c cross join lateral (values
           ('live', c.live), ('held', c.held), ('rollbacks', c.rollbacks), ('returning', c.returning), ('drafts', c.drafts)) k (reason, applies)
         where k.applies
         union all select 'jobs', id, state, ref, is_own from busy)
       select reason, count(*) filter (where is_own)::int as own, count(*) filter (where not is_own)::int as others,
         coalesce((array_agg(ref order by ref) filter (where is_own))[1:${NAMED}], '{}') as named,
         sum(hashtextextended(id || state, 0))::text as mark
       from listed group by reason order by reason`,
      [kind === "version" ? id : null, kind === "dataset" ? id : null, tx.viewer.institutionId, PLATFORM_ID, LIVE_STATES],
    );
    const share = (reason: Dependents): Share => {
      const found = rows.find((row) => row.reason === reason);
      return { own: found?.own ?? 0, others: found?.others ?? 0, named: found?.named ?? [] };
    };
    return {
      shares: {
        live: share("live"),
        held: share("held"),
        rollbacks: share("rollbacks"),
        returning: share("returning"),
        drafts: share("drafts"),
        jobs: share("jobs"),
      },
      marks: rows.map(({ reason, mark }) => ({ reason, mark })),
    };
  }

  /** The bytes that would be let go of; own are those that nothing else the viewer may see has too. */
  private async content(tx: Tx, { kind, id }: PurgeTarget) {
    const [row] = await tx.query<{ files: number; size_bytes: string; own_bytes: string; digest: string | null }>(
      `with listed as (${CONTENT[kind]}), apart as (select distinct sha256, size_bytes from listed)
       select (select count(*)::int from listed) as files, (select coalesce(sum(size_bytes), 0) from listed) as size_bytes,
         (select coalesce(sum(a.size_bytes), 0) from apart a
           where not exists (select 1 from version_files f where f.sha256 = a.sha256 and f.version_id <> $1)
             and not exists (select 1 from dataset_versions d where d.stored_sha256 = a.sha256 and d.id <> $1)
             and not exists (select 1 from evaluations e where e.items_sha256 = a.sha256)) as own_bytes,
         (select encode(sha256(convert_to(string_agg(path || ' ' || sha256, ',' order by path), 'UTF8')), 'hex') from listed) as digest`,
      [id],
    );
    return {
      files: row?.files ?? 0,
      sizeBytes: Number(row?.size_bytes ?? 0),
      ownBytes: Number(row?.own_bytes ?? 0),
      digest: row?.digest ?? null,
    };
  }
}

const SUBJECT = {
  version: `select v.state, exists (select 1 from tombstones t where t.version_id = v.id) as is_purged,
      coalesce((select max(s.at) from version_states s where s.version_id = v.id), v.updated_at) as since from versions v where v.id = $1`,
  dataset: `select null as state, exists (select 1 from tombstones t where t.dataset_version_id = v.id) as is_purged, v.created_at as since
      from dataset_versions v where v.id = $1`,
} as const;

const CONTENT = {
  version: "select path, sha256, size_bytes from version_files where version_id = $1",
  dataset: "select 'rows' as path, stored_sha256 as sha256, size_bytes from dataset_versions where id = $1 and stored_sha256 is not null",
} as const;
