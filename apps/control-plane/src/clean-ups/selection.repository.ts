import { Injectable } from "@nestjs/common";
import type { CleanUpRule, Tier } from "@ziggurat/contracts";
import { LIVE_STATES } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";
import { BEFORE, IS_HELD, IS_RETURNING, STANDS_SINCE } from "../purges/purge-facts.repository.js";
import type { PurgeTarget } from "../purges/purge-row.js";

/** A version of a rule's tier and states, old enough, that nothing which stands on it keeps. What it says itself is asked of the rules. */
export interface Candidate extends PurgeTarget {
  readonly tier: Tier;
  readonly sizeBytes: number;
  /** As the database writes it, to the microsecond. */
  readonly since: string;
}

/**
 * `kept`: up to which place of which line something keeps what is below it, and why. One pass over what is in use, held, pointed to, on its
 * way back or worked on, and one over the line closure, instead of a look at the descendants of every version: a line of many versions would
 * be read once for each of them. $4 are the live states.
 */
const KEPT = `
  keepers (reason, line_id, line_seq) as materialized (
    select 'ancestor_of_live', v.line_id, max(v.line_seq) from versions v where v.state = any($4) and v.line_id is not null group by v.line_id
    union all select 'ancestor_of_held', v.line_id, max(v.line_seq) from versions v where ${IS_HELD} and v.line_id is not null group by v.line_id
    union all select 'ancestor_of_rollback', v.line_id, max(v.line_seq) from versions v
      where v.id in (select a.version_id from aliases a union select (${BEFORE}) from aliases a)
        and v.line_id is not null and not exists (select 1 from tombstones t where t.version_id = v.id) group by v.line_id
    union all select 'ancestor_of_withdrawn', v.line_id, max(v.line_seq) from versions v
      where (v.state = 'quarantined' or ${IS_RETURNING})
        and v.line_id is not null and not exists (select 1 from tombstones t where t.version_id = v.id) group by v.line_id
    union all select 'used_by_job', v.line_id, max(v.line_seq) from jobs j join versions v on v.id = j.parent_version_id
      where j.state not in ('succeeded', 'failed', 'cancelled') and v.line_id is not null group by v.line_id),
  kept as materialized (
    select line_id, reason, max(seq) as seq from (
      -- A job keeps what it works on, everything else what lies below itself.
      select line_id, reason, case when reason = 'used_by_job' then line_seq else line_seq - 1 end as seq from keepers
      union all select c.anc_line, k.reason, max(c.anc_seq) from keepers k join line_closure c on c.line_id = k.line_id and c.min_seq <= k.line_seq
        group by c.anc_line, k.reason) up_to
    group by line_id, reason)`;

/** Versions that rule $1, $2, $3 speaks of. */
const NAMED_BY_RULE = `versions v cross join lateral (select ${STANDS_SINCE} as since) a
  where v.tier = $1 and v.state = any($2) and a.since <= now() - make_interval(days => $3)
    and not exists (select 1 from tombstones t where t.version_id = v.id)`;

/** Parents of drafts, which lie on no line. */
const DRAFTED = `drafted as materialized (
    select distinct e.parent_id as id from versions d join edges e on e.child_id = d.id
    where d.state = 'draft' and not exists (select 1 from tombstones t where t.version_id = d.id))`;

/** Finds what a rule speaks of and nothing stands on. */
@Injectable()
export class SelectionRepository {
  /** The next candidates, the longest in their state first. */
  async candidates(tx: Tx, rule: CleanUpRule, after: Candidate | null, limit: number): Promise<Candidate[]> {
    const rows = await tx.query<{
      id: string;
      ref: string;
      owner: string;
      institution_id: string;
      model_id: string;
      tier: Tier;
      size_bytes: string;
      since: string;
    }>(
      `with ${KEPT}, ${DRAFTED}, next as (
         select v.id, v.number, v.institution_id, v.model_id, v.tier, v.size_bytes, a.since from ${NAMED_BY_RULE}
           and coalesce(v.line_seq > (select max(k.seq) from kept k where k.line_id = v.line_id), true)
           and v.id not in (select id from drafted)
           and ($5::timestamptz is null or (a.since, v.id) > ($5, $6::text)) order by a.since, v.id limit $7)
       select c.id, m.namespace || '/' || m.slug || '@' || c.number as ref, i.slug as owner, c.institution_id, c.model_id, c.tier, c.size_bytes,
         c.since::text as since
       from next c join models m on m.id = c.model_id join institutions i on i.id = c.institution_id order by c.since, c.id`,
      [...parameters(rule), after?.since ?? null, after?.id ?? null, limit],
    );
    return rows.map((row) => ({
      kind: "version",
      id: row.id,
      ref: row.ref,
      owner: row.owner,
      institutionId: row.institution_id,
      modelId: row.model_id,
      tier: row.tier,
      sizeBytes: Number(row.size_bytes),
      since: row.since,
    }));
  }

  /** How many of what the rule speaks of stay for what stands on them, each counted under one reason. */
  async countKept(tx: Tx, rule: CleanUpRule): Promise<{ readonly code: string; readonly versions: number }[]> {
    return tx.query(
      `with ${KEPT}, ${DRAFTED}, reasons as (
         select coalesce((select min(k.reason) from kept k where k.line_id = v.line_id and k.seq >= v.line_seq),
             case when v.id in (select id from drafted) then 'ancestor_of_draft' end) as code
         from ${NAMED_BY_RULE})
       select code, count(*)::int as versions from reasons where code is not null group by code`,
      parameters(rule),
    );
  }

  /** Bytes that come back when exactly these go: what nothing outside them has. */
  async bytesOfAll(
    tx: Tx,
    versionIds: readonly string[],
  ): Promise<{ readonly files: number; readonly size: number; readonly own: number }> {
    const [row] = await tx.query<{ files: number; size: string; own: string }>(
      `with listed as materialized (select sha256, size_bytes from version_files where version_id = any($1)),
         apart as (select distinct sha256, size_bytes from listed)
       select (select count(*)::int from listed) as files, (select coalesce(sum(size_bytes), 0) from listed) as size,
         (select coalesce(sum(a.size_bytes), 0) from apart a
           where not exists (select 1 from version_files f where f.sha256 = a.sha256 and f.version_id <> all($1))
             and not exists (select 1 from dataset_versions d where d.stored_sha256 = a.sha256)
             and not exists (select 1 from evaluations e where e.items_sha256 = a.sha256)) as own`,
      [versionIds],
    );
    return { files: row?.files ?? 0, size: Number(row?.size ?? 0), own: Number(row?.own ?? 0) };
  }
}

function parameters({ tier, states, ageDays }: CleanUpRule): unknown[] {
  return [tier, states, ageDays, LIVE_STATES];
}
