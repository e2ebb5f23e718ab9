import { Injectable } from "@nestjs/common";
import type { CleanUpRule, Tier } from "@ziggurat/contracts";
import { LIVE_STATES } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";
import { STANDS_SINCE } from "../purges/purge-facts.repository.js";
import type { PurgeTarget } from "../purges/purge-row.js";

/** A version of a rule's tier and states, old enough, on which nothing live stands. Whether it may go is asked of the rules. */
export interface Candidate extends PurgeTarget {
  readonly tier: Tier;
  /** As the database writes it, to the microsecond. */
  readonly since: string;
}

/** Whether anything in use descends from version `v`: later on its line, or on a line that the closure reaches. */
const HAS_LIVE = `(
  exists (select 1 from versions d where d.line_id = v.line_id and d.line_seq > v.line_seq and d.state = any($4))
  or exists (select 1 from line_closure c join versions d on d.line_id = c.line_id and d.line_seq >= c.min_seq
    where c.anc_line = v.line_id and c.anc_seq >= v.line_seq and d.state = any($4)))`;

const NAMED_BY_RULE = `
  versions v cross join lateral (select ${STANDS_SINCE} as since) a
  where v.tier = $1 and v.state = any($2) and a.since <= now() - make_interval(days => $3)
    and not exists (select 1 from tombstones t where t.version_id = v.id)`;

/** Finds what a rule speaks of, without walking down what stands on each. */
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
      since: string;
    }>(
      `select c.*, m.namespace || '/' || m.slug || '@' || c.number as ref, i.slug as owner from (
         select v.id, v.number, v.institution_id, v.model_id, v.tier, a.since::text as since from ${NAMED_BY_RULE} and not ${HAS_LIVE}
           and ($5::timestamptz is null or (a.since, v.id) > ($5, $6::text)) order by a.since, v.id limit $7) c
       join models m on m.id = c.model_id join institutions i on i.id = c.institution_id order by c.since::timestamptz, c.id`,
      [...parameters(rule), after?.since ?? null, after?.id ?? null, limit],
    );
    return rows.map(({ id, ref, owner, institution_id, model_id, tier, since }) => ({
      kind: "version",
      id,
      ref,
      owner,
      institutionId: institution_id,
      modelId: model_id,
      tier,
      since,
    }));
  }

  /** How many of what the rule speaks of stay because something in use stands on them. */
  async countUnderLive(tx: Tx, rule: CleanUpRule): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from ${NAMED_BY_RULE} and ${HAS_LIVE}`, parameters(rule));
    return row?.n ?? 0;
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
