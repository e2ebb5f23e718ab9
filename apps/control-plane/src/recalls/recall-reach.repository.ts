import { Injectable } from "@nestjs/common";
import type { Tier } from "@ziggurat/contracts";
import { COVERED_STATES } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { ReachedVersion, Subject } from "./recall-row.js";

/**
 * `reach`: what a recall of version $1, or of dataset version $2, covers: the version itself or all that learnt from the data, and
 * everything that descends from those, by the line closure. $3 are the states that can be covered.
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
  reach as (
    select v.id, v.institution_id, v.model_id, v.number, v.tier, v.state, v.line_id, v.line_seq
    from below b join versions v on v.line_id = b.line_id and v.line_seq >= b.k where v.state = any($3))`;

const NAMED = `
  select p.id, p.institution_id, m.namespace || '/' || m.slug || '@' || p.number as ref, p.tier, i.slug as owner, p.state, p.line_id, p.line_seq
  from picked p join models m on m.id = p.model_id join institutions i on i.id = p.institution_id order by p.line_id, p.line_seq`;

export interface ReachCounts {
  readonly groups: readonly { readonly tier: Tier; readonly institution: string; readonly versions: number; readonly recalled: number }[];
  /** Changes when a version joins the reach, leaves it, or moves. */
  readonly graph: string;
}

/** Reads what a recall covers. Never a walk down the edges: the closure answers, however deep the pyramid is. */
@Injectable()
export class RecallReachRepository {
  async counts(tx: Tx, subject: Subject): Promise<ReachCounts> {
    const groups = await tx.query<{ tier: Tier; institution: string; versions: number; recalled: number; mark: string }>(
      `with ${REACH}
       select r.tier, i.slug as institution, count(*)::int as versions, count(*) filter (where r.state = 'recalled')::int as recalled,
         sum(hashtextextended(r.id || r.state, 0))::text as mark
       from reach r join institutions i on i.id = r.institution_id group by r.tier, i.slug order by versions desc, i.slug, r.tier`,
      parameters(subject),
    );
    const [mark] = await tx.query<{ graph: string }>("select encode(sha256(convert_to($1, 'UTF8')), 'hex') as graph", [
      groups.map((group) => `${group.tier} ${group.institution} ${group.versions} ${group.mark}`).join("\n"),
    ]);
    return { groups, graph: mark?.graph ?? "" };
  }

  /** The first of the reach in order of line and place. */
  first(tx: Tx, subject: Subject, limit: number): Promise<ReachedVersion[]> {
    return tx.query<ReachedVersion>(
      `with ${REACH}, picked as materialized (select * from reach order by line_id, line_seq limit $4) ${NAMED}`,
      [...parameters(subject), limit],
    );
  }

  /**
   * The next versions that the recall does not hold yet, locked so that nobody moves them meanwhile. Whoever is being moved
   * is waited for, and comes with the state it was left in.
   */
  async next(
    tx: Tx,
    recallId: string,
    subject: Subject,
    after: { line: string; seq: number } | null,
    limit: number,
  ): Promise<ReachedVersion[]> {
    const found = await tx.query<{ id: string }>(
      `with ${REACH}
       select r.id from reach r
       where ($5::bigint is null or (r.line_id, r.line_seq) > ($5, $6::int))
         and not exists (select 1 from recall_items t where t.recall_id = $4 and t.version_id = r.id)
       order by r.line_id, r.line_seq limit $7`,
      [...parameters(subject), recallId, after?.line ?? null, after?.seq ?? null, limit],
    );
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return [];
    await tx.query("select 1 from versions where id = any($1) order by id for update", [ids]);
    return tx.query<ReachedVersion>(
      `with picked as (select id, institution_id, model_id, number, tier, state, line_id, line_seq from versions where id = any($1)) ${NAMED}`,
      [ids],
    );
  }

  /** Jobs that are not over and would work on what is in reach, or on the data withdrawn. */
  async jobs(tx: Tx, subject: Subject): Promise<{ readonly state: string; readonly jobs: number }[]> {
    return tx.query(
      `with ${REACH}
       select j.state, count(*)::int as jobs from jobs j where j.state not in ('succeeded', 'failed', 'cancelled')
         and (j.parent_version_id in (select id from reach)
           or j.id in (select job_id from job_datasets where dataset_version_id = $2))
       group by j.state`,
      parameters(subject),
    );
  }
}

function parameters({ versionId, datasetVersionId }: Subject): unknown[] {
  return [versionId, datasetVersionId, COVERED_STATES];
}
