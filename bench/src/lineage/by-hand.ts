import type pg from "pg";
import type { Place, Viewer } from "./platform-inside.js";

/** The peer: what one would write by hand for the same answers, on a bare connection. */
const LINES_BELOW = `
  hit as (select line_id, min(min_seq) as k from line_closure where anc_line = $1 and anc_seq >= $2 group by 1
    union all select $1::bigint, $2::int + 1)`;

export const byHand = {
  ancestors: `
    with recursive up (id, hops) as (
      select $1::text, 0 union select e.parent_id, up.hops + 1 from up join edges e on e.child_id = up.id where up.hops < 100)
    select id, min(hops) from up group by id`,
  firstPage: `
    with ${LINES_BELOW},
    page as materialized (
      select v.id from (select * from hit order by line_id) h
        cross join lateral (select id, line_seq from versions where line_id = h.line_id and line_seq >= h.k) v
      order by h.line_id, v.line_seq limit 51)
    select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, m.name, v.tier, i.slug as owner, v.state, v.artifact_kind,
      v.root_digest, v.line_id, v.line_seq
    from versions v join models m on m.id = v.model_id join institutions i on i.id = v.institution_id
    where v.id in (select id from page) order by v.line_id, v.line_seq`,
  count: `
    with ${LINES_BELOW}
    select sum(versions) as versions, count(*) - 1 as institutions from (
      select l.institution_id, sum(l.tip_seq - hit.k + 1) as versions
      from hit join lines l on l.id = hit.line_id where l.tip_seq >= hit.k group by 1) owners`,
  impact: `
    with ${LINES_BELOW},
    impact as (
      select l.institution_id, sum(l.tip_seq - hit.k + 1) as versions
      from hit join lines l on l.id = hit.line_id where l.tip_seq >= hit.k group by 1),
    largest as (
      select institution_id, versions, count(*) over () as institutions, sum(versions) over () as total
      from impact order by versions desc, institution_id limit 200)
    select i.slug, i.name, l.versions, l.institutions, l.total from largest l join institutions i on i.id = l.institution_id
    order by versions desc, slug`,
} as const;

/** As the platform sends them: prepared once by the connection. */
export const prepared = (name: string, text: string, values: readonly unknown[]): pg.QueryConfig => ({ name, text, values: [...values] });

/** The whole recursive walk downwards: the truth that the line closure is compared with. Seconds, for a foundation version. */
export const WALK_DOWN = `
  with recursive down (id) as (
    select child_id from edges where parent_id = $1 union select e.child_id from down join edges e on e.parent_id = down.id)
  select id from down`;

/** One transaction of the same kind as the platform's: begin, say who asks, do, commit. */
export async function inTransaction<T>(client: pg.Client, viewer: Viewer, work: () => Promise<T>): Promise<T> {
  await client.query("begin");
  await client.query(
    "select set_config('app.institution', $1, true), set_config('app.reach', $2, true), set_config('app.actor', $3, true)",
    [viewer.institutionId, viewer.reach, viewer.name],
  );
  const answer = await work();
  await client.query("commit");
  return answer;
}

export const valuesOf = ({ line, seq }: Place): readonly unknown[] => [line, seq];
