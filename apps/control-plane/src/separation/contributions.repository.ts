import { Injectable } from "@nestjs/common";
import { ContributionKind } from "@ziggurat/contracts";
import type { Account } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";

/** A contribution as the database noted it, by the thing that is to be approved. */
export interface ContributionRow {
  readonly subject: string;
  readonly kind: ContributionKind;
  /** The account that acted, then those behind it. */
  readonly people: readonly string[];
}

/** An account as the rule sees it, with the name it goes by. */
export interface NamedAccount extends Account {
  readonly name: string;
}

/**
 * What merging and quantising make of a version of the same line is that version's work as well, until somebody else has released it. Whoever
 * asked for a score, or brought the rows that scored or taught it, had a hand in it.
 */
const OF_VERSIONS = `
  with recursive work (subject, id) as (
    select id, id from versions where id = any($1)
    union select w.subject, p.id from work w join versions c on c.id = w.id
      join edges e on e.child_id = w.id and e.relation in ('merged_from', 'quantized_from')
      join versions p on p.id = e.parent_id and p.model_id = c.model_id and p.released_at is null
  ),
  jobs_of (subject, job_id, as_kind) as (
    select w.subject, j.id, null from work w join jobs j on j.version_id = w.id
    union select w.subject, j.id, 'evaluated' from work w join jobs j on j.parent_version_id = w.id and j.kind = 'evaluate'
  ),
  things (subject, object_id, as_kind) as (
    select subject, id, null from work
    union select subject, job_id, as_kind from jobs_of
    union select w.subject, u.dataset_version_id, null from work w join dataset_uses u on u.version_id = w.id
    union select j.subject, d.dataset_version_id, null from jobs_of j join job_datasets d on d.job_id = j.job_id
  )
  select distinct t.subject, coalesce(t.as_kind, c.kind) as kind, c.people
  from things t join contributions c on c.object_id = t.object_id order by 1, 2, 3`;

const OF_JOBS = `
  select distinct t.subject, c.kind, c.people
  from (select id as subject, id as object_id from jobs where id = any($1)
    union select job_id, dataset_version_id from job_datasets where job_id = any($1)) t
  join contributions c on c.object_id = t.object_id order by 1, 2, 3`;

/** Of the thing itself: a proposal, a request to lift a hold, a dataset version. */
const OF_THINGS = "select object_id as subject, kind, people from contributions where object_id = any($1) order by 1, 2, 3";

const STATEMENTS = { version: OF_VERSIONS, job: OF_JOBS, thing: OF_THINGS } as const;
export type WorkKind = keyof typeof STATEMENTS;

@Injectable()
export class ContributionsRepository {
  async of(tx: Tx, kind: WorkKind, ids: readonly string[]): Promise<readonly ContributionRow[]> {
    if (ids.length === 0) return [];
    const rows = await tx.query<{ subject: string; kind: string; people: string[] }>(STATEMENTS[kind], [ids]);
    return rows.map((row) => ({ ...row, kind: ContributionKind.parse(row.kind) }));
  }

  /** Accounts with everything by which two of them are one person. */
  async accounts(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, NamedAccount>> {
    const rows = await tx.query<NamedAccount>("select id, kind, name, keys from people_behind($1)", [[...new Set(ids)]]);
    return new Map(rows.map((row) => [row.id, row]));
  }
}
