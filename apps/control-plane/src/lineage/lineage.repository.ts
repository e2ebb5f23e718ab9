import { Injectable } from "@nestjs/common";
import type { ArtifactKind, LineageFilter, Relation, Seal, Tier, VersionState } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import { asksEachVersion, lineConditions, Parameters, stateAt, versionConditions } from "./lineage-filter.js";

export interface NodeRow {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly tier: Tier;
  readonly owner: string;
  /** Null where an instant was asked about at which the version was not sealed. */
  readonly state: VersionState | null;
  readonly artifact_kind: ArtifactKind;
  readonly root_digest: string | null;
  readonly line_id: string | null;
  readonly line_seq: number | null;
}
export interface DatasetNodeRow {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly owner: string;
}
export interface EdgeRow {
  readonly child_id: string;
  readonly parent_id: string;
  readonly child: string;
  readonly parent: string;
  readonly relation: Relation;
  readonly seal: Seal;
  readonly job_id: string | null;
  readonly parent_digest: string | null;
  readonly created_at: Date;
}
export interface UseRow {
  readonly version_id: string;
  readonly dataset_version_id: string;
  readonly version: string;
  readonly dataset: string;
  readonly job_id: string | null;
  readonly sha256: string;
  readonly created_at: Date;
}
/** Where a version stands; a draft stands nowhere yet, and nothing descends from it. */
export interface Place {
  readonly line: string;
  readonly seq: number;
}

/** A page of descendants, and where the next one starts; null when there is none. */
export interface PageBelow {
  readonly rows: NodeRow[];
  readonly end: Place | null;
}

/** Versions that one page of a filtered list looks at, at most: a rare state must not cost a walk over a million. */
export const MOST_SCANNED = 20_000;

const node = (state: string): string => `
  select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, m.name, v.tier, i.slug as owner, ${state} as state, v.artifact_kind,
    v.root_digest, v.line_id, v.line_seq
  from versions v join models m on m.id = v.model_id join institutions i on i.id = v.institution_id`;

const nodeAt = ({ at }: LineageFilter, parameters: Parameters): string =>
  node(at === undefined ? "v.state" : stateAt("v", parameters.add(at)));

/**
 * From where on each line descends from place ($1, $2): the line closure, and the rest of the place's own line, which the closure
 * never holds. The two are kept apart, so that lines come in the order of the index and a page stops after the few it needs.
 */
export const BELOW = `
  below (line_id, k) as (
    select line_id, min(min_seq) from line_closure where anc_line = $1 and anc_seq >= $2 group by line_id
    union all select $1::bigint, $2::int + 1)`;

/** Reads of the graph. Upwards a recursive walk over few ancestors; downwards the line closure, never a walk. */
@Injectable()
export class LineageRepository {
  async find(tx: Tx, namespace: string, slug: string, number: number, filter: LineageFilter = {}): Promise<NodeRow | null> {
    const parameters = new Parameters(namespace, slug, number);
    const [row] = await tx.query<NodeRow>(
      `${nodeAt({ at: filter.at }, parameters)} where m.namespace = $1 and m.slug = $2 and v.number = $3`,
      parameters.values,
    );
    return row ?? null;
  }

  /** Those of these versions that the filter keeps. */
  nodes(tx: Tx, ids: readonly string[], filter: LineageFilter = {}): Promise<NodeRow[]> {
    const parameters = new Parameters(ids);
    const select = nodeAt(filter, parameters);
    const kept = lineConditions(filter, parameters, "v") + versionConditions(filter, parameters, "v");
    return tx.query<NodeRow>(`${select} where v.id = any($1)${kept} order by v.id`, parameters.values);
  }

  /** Hops from a version to everything it was made from, up to `depth`; itself at 0. */
  async above(tx: Tx, id: string, depth: number): Promise<Map<string, number>> {
    const rows = await tx.query<{ id: string; hops: number }>(
      `with recursive up (id, hops) as (
         select $1::text, 0 union select e.parent_id, up.hops + 1 from up join edges e on e.child_id = up.id where up.hops < $2)
       select id, min(hops)::int as hops from up group by id`,
      [id, depth],
    );
    return new Map(rows.map((row) => [row.id, row.hops]));
  }

  async countAbove(tx: Tx, id: string, at?: string): Promise<number> {
    const parameters = new Parameters(id);
    const [row] = await tx.query<{ total: number }>(
      `with recursive up (id) as (
         select parent_id from edges where child_id = $1 union select e.parent_id from up join edges e on e.child_id = up.id)
       select count(*)::int as total from up join versions v on v.id = up.id where true${versionConditions({ at }, parameters, "v")}`,
      parameters.values,
    );
    return row?.total ?? 0;
  }

  /**
   * One page of descendants in order of line and place, so that what descends comes after what it descends from, as a rule.
   * The page is picked line by line and stops when it is full; only then are names looked up. Where a filter asks each version, a
   * page looks at so many and may hold fewer than its limit, or none, and still go on.
   */
  async below(tx: Tx, place: Place, after: Place | null, limit: number, filter: LineageFilter = {}): Promise<PageBelow> {
    const isAsked = asksEachVersion(filter);
    const scan = isAsked ? MOST_SCANNED : limit + 1;
    const parameters = new Parameters(place.line, place.seq, after?.line ?? null, after?.seq ?? null, scan, limit + 1);
    const lines = lineConditions(filter, parameters, "l");
    const kept = versionConditions(filter, parameters, "v");
    const rows = await tx.query<NodeRow & { readonly scanned: number; readonly end_line: string; readonly end_seq: number }>(
      `with ${BELOW},
       scanned as materialized (
         select v.* from (
             select below.line_id, below.k from below ${lines === "" ? "where true" : `join lines l on l.id = below.line_id${lines} where true`}
             and ($3::bigint is null or below.line_id >= $3) order by below.line_id) b
           cross join lateral (select id, line_id, line_seq, state, sealed_at from versions where line_id = b.line_id and line_seq >= b.k
             and ($3::bigint is null or (b.line_id, line_seq) > ($3, $4::int))) v
         order by b.line_id, v.line_seq limit $5),
       picked as materialized (select id from scanned v where true${kept} order by line_id, line_seq limit $6)
       select n.*, s.* from (select (select count(*)::int from scanned) as scanned, line_id as end_line, line_seq as end_seq from scanned
             order by line_id desc, line_seq desc limit 1) s
         left join (${nodeAt(filter, parameters)} where v.id = any(array(select id from picked))) n on true
       order by n.line_id, n.line_seq`,
      parameters.values,
    );
    const found = rows.filter(({ id }) => id !== null);
    const page = found.slice(0, limit);
    const [last, any] = [page.at(-1), rows[0]];
    if (found.length > limit && last !== undefined) return { rows: page, end: placeOf(last) };
    const goesOn = isAsked && any !== undefined && any.scanned === scan;
    return { rows: page, end: goesOn ? { line: any.end_line, seq: any.end_seq } : null };
  }

  /** Hops from each of these versions up to the focus. */
  async hopsTo(tx: Tx, focus: string, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ start: string; hops: number }>(
      `with recursive up (start, id, hops) as (
         select id, id, 0 from unnest($2::text[]) as asked (id)
         union select up.start, e.parent_id, up.hops + 1 from up join edges e on e.child_id = up.id where up.id <> $1 and up.hops < 1000)
       select start, min(hops)::int as hops from up where id = $1 group by start`,
      [focus, ids],
    );
    return new Map(rows.map((row) => [row.start, row.hops]));
  }

  /** Derivations of these versions whose other end is among them, or descends from the place too and came on an earlier page. */
  edges(tx: Tx, ids: readonly string[], place: Place | null, filter: LineageFilter = {}): Promise<EdgeRow[]> {
    const parameters = new Parameters(place?.line ?? null, place?.seq ?? null, ids);
    const relations = filter.relation === undefined ? "" : ` and e.relation = any(${parameters.add(filter.relation)})`;
    const kept = lineConditions(filter, parameters, "p") + versionConditions(filter, parameters, "p");
    return tx.query<EdgeRow>(
      `with ${BELOW}
       select e.child_id, e.parent_id, e.relation, e.seal, e.job_id, e.parent_digest, e.created_at,
         cm.namespace || '/' || cm.slug || '@' || c.number as child, pm.namespace || '/' || pm.slug || '@' || p.number as parent
       from edges e
         join versions c on c.id = e.child_id join models cm on cm.id = c.model_id
         join versions p on p.id = e.parent_id join models pm on pm.id = p.model_id
       where e.child_id = any($3)${relations} and (e.parent_id = any($3)
         or exists (select 1 from below where below.line_id = p.line_id and p.line_seq >= below.k)${kept})
       order by e.created_at, e.child_id, e.parent_id`,
      parameters.values,
    );
  }

  /** Which data these versions were trained on. */
  uses(tx: Tx, ids: readonly string[]): Promise<UseRow[]> {
    return tx.query<UseRow>(
      `select u.version_id, u.dataset_version_id, u.job_id, dv.sha256, u.created_at,
         m.namespace || '/' || m.slug || '@' || v.number as version,
         'datasets/' || d.namespace || '/' || d.slug || '@' || dv.number as dataset
       from dataset_uses u join versions v on v.id = u.version_id join models m on m.id = v.model_id
         join dataset_versions dv on dv.id = u.dataset_version_id join datasets d on d.id = dv.dataset_id
       where u.version_id = any($1) order by u.created_at, u.version_id, u.dataset_version_id`,
      [ids],
    );
  }

  datasetNodes(tx: Tx, ids: readonly string[]): Promise<DatasetNodeRow[]> {
    return tx.query<DatasetNodeRow>(
      `select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref, d.name, i.slug as owner
       from dataset_versions dv join datasets d on d.id = dv.dataset_id join institutions i on i.id = dv.institution_id
       where dv.id = any($1) order by dv.id`,
      [ids],
    );
  }
}

/** Where a version stands; null for a draft. */
export function placeOf(row: Pick<NodeRow, "line_id" | "line_seq">): Place | null {
  return row.line_id === null || row.line_seq === null ? null : { line: row.line_id, seq: row.line_seq };
}
