import { Injectable } from "@nestjs/common";
import type { ArtifactKind, Relation, Seal, Tier, VersionState } from "@ziggurat/contracts";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NodeRow {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly state: VersionState;
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

const NODE = `
  select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, m.name, v.tier, i.slug as owner, v.state, v.artifact_kind,
    v.root_digest, v.line_id, v.line_seq
  from versions v join models m on m.id = v.model_id join institutions i on i.id = v.institution_id`;

/** From where on each line descends from place ($1, $2): the line closure, and the rest of the place's own line. */
const BELOW = `
  below (line_id, k) as (
    select line_id, min(k) from (
      select line_id, min_seq as k from line_closure where anc_line = $1 and anc_seq >= $2
      union all select $1::bigint, $2::int + 1) reached group by line_id)`;

/** Reads of the graph. Upwards a recursive walk over few ancestors; downwards the line closure, never a walk. */
@Injectable()
export class LineageRepository {
  async find(tx: Tx, namespace: string, slug: string, number: number): Promise<NodeRow | null> {
    const [row] = await tx.query<NodeRow>(`${NODE} where m.namespace = $1 and m.slug = $2 and v.number = $3`, [namespace, slug, number]);
    return row ?? null;
  }

  nodes(tx: Tx, ids: readonly string[]): Promise<NodeRow[]> {
    return tx.query<NodeRow>(`${NODE} where v.id = any($1) order by v.id`, [ids]);
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

  async countAbove(tx: Tx, id: string): Promise<number> {
    const [row] = await tx.query<{ total: number }>(
      `with recursive up (id) as (
         select parent_id from edges where child_id = $1 union select e.parent_id from up join edges e on e.child_id = up.id)
       select count(*)::int as total from up join versions v on v.id = up.id`,
      [id],
    );
    return row?.total ?? 0;
  }

  /**
   * One page of descendants in order of line and place, so that what descends comes after what it descends from, as a rule.
   * The page is picked line by line and stops when it is full; only then are names looked up.
   */
  below(tx: Tx, place: Place, after: Place | null, limit: number): Promise<NodeRow[]> {
    return tx.query<NodeRow>(
      `with ${BELOW},
       page as materialized (
         select v.id from (select line_id, k from below where $3::bigint is null or line_id >= $3 order by line_id) b
           cross join lateral (select id, line_seq from versions where line_id = b.line_id and line_seq >= b.k
             and ($3::bigint is null or (b.line_id, line_seq) > ($3, $4::int))) v
         order by b.line_id, v.line_seq limit $5)
       ${NODE} where v.id in (select id from page) order by v.line_id, v.line_seq`,
      [place.line, place.seq, after?.line ?? null, after?.seq ?? null, limit],
    );
  }

  /**
   * Descendants the viewer may see and the institutions among their owners. Lines hold sealed versions only, so who sees a
   * whole line counts it by its tip; shared lines are counted version by version for those who see only what was released.
   */
  async countBelow(tx: Tx, place: Place): Promise<{ readonly descendants: number; readonly institutions: number }> {
    const [row] = await tx.query<{ descendants: string; institutions: number }>(
      `with ${BELOW},
       hit as materialized (
         select l.id, l.institution_id, below.k, l.tip_seq - below.k + 1 as versions,
           app_reach() <> 'tenant' or l.institution_id = app_institution() as is_whole
         from below join lines l on l.id = below.line_id where l.tip_seq >= below.k)
       select (select coalesce(sum(versions), 0) from hit where is_whole)
           + (select count(*) from hit join versions v on v.line_id = hit.id and v.line_seq >= hit.k where not is_whole) as descendants,
         (select count(*)::int from (select distinct institution_id from hit where is_whole and institution_id <> $3) owners) as institutions`,
      [place.line, place.seq, PLATFORM_ID],
    );
    return { descendants: Number(row?.descendants ?? 0), institutions: row?.institutions ?? 0 };
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
  edges(tx: Tx, ids: readonly string[], place: Place | null): Promise<EdgeRow[]> {
    return tx.query<EdgeRow>(
      `with ${BELOW}
       select e.child_id, e.parent_id, e.relation, e.seal, e.job_id, e.parent_digest, e.created_at,
         cm.namespace || '/' || cm.slug || '@' || c.number as child, pm.namespace || '/' || pm.slug || '@' || p.number as parent
       from edges e
         join versions c on c.id = e.child_id join models cm on cm.id = c.model_id
         join versions p on p.id = e.parent_id join models pm on pm.id = p.model_id
       where e.child_id = any($3) and (e.parent_id = any($3)
         or exists (select 1 from below where below.line_id = p.line_id and p.line_seq >= below.k))
       order by e.created_at, e.child_id, e.parent_id`,
      [place?.line ?? null, place?.seq ?? null, ids],
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
