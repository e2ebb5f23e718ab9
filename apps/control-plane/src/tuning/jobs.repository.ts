import { Injectable } from "@nestjs/common";
import type { Estimate, JobKind, JobResources, JobWindow, ListJobs, Method, PriorityClass, Tier } from "@ziggurat/contracts";
import { FINAL_STATES } from "@ziggurat/scheduling";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { DATA, EVALUATE, type JobRow, SELECT_JOB, selectJob } from "./job-row.js";
import { recordState } from "./move-job.js";

export interface NewJob {
  readonly institutionId: string;
  readonly modelId: string;
  readonly kind: JobKind;
  readonly method: Method;
  readonly tier: Tier;
  readonly parentVersionId: string | null;
  readonly parentDigest: string | null;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly reason: string;
  readonly needsApproval: boolean;
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly orderedBy: string | null;
  readonly estimate: Estimate | null;
  readonly priority: PriorityClass;
  readonly resources: JobResources;
  readonly window: JobWindow | null;
  readonly maxSeconds: number | null;
  readonly maxCost: number | null;
  readonly waiting: readonly unknown[];
  /** Dataset version ids in the order of the request. */
  readonly datasets: readonly string[];
  readonly evaluateOn: readonly string[];
}

@Injectable()
export class JobsRepository {
  async find(tx: Tx, id: string): Promise<JobRow | null> {
    const [row] = await tx.query<JobRow>(`${SELECT_JOB} where j.id = $1`, [id]);
    return row ?? null;
  }

  /** The row as it is once everyone who changes it now is done; nobody else changes it until this transaction ends. */
  async lock(tx: Tx, id: string): Promise<JobRow | null> {
    await tx.query("select 1 from jobs where id = $1 for update", [id]);
    return this.find(tx, id);
  }

  /**
   * One page, newest first. `before` is the id of the last row of the page before. The page is taken from the jobs alone and named then: joined
   * first, every job that somebody ever asked for would be named to show the last fifty.
   */
  list(tx: Tx, query: ListJobs, before: string | null): Promise<JobRow[]> {
    const owned = ownOf(tx, 8);
    const page = `select * from jobs j where ${FILTER} and ($6::text is null or j.id < $6)${owned.sql} order by j.id desc limit $7`;
    return tx.query<JobRow>(`${selectJob(`(${page})`)} order by j.id desc`, [...filters(query), before, query.limit + 1, ...owned.values]);
  }

  async count(tx: Tx, query: ListJobs): Promise<number> {
    const owned = ownOf(tx, 6);
    const [row] = await tx.query<{ total: number }>(`select count(*)::int as total from jobs j where ${FILTER}${owned.sql}`, [
      ...filters(query),
      ...owned.values,
    ]);
    return row?.total ?? 0;
  }

  async insert(tx: Tx, job: NewJob): Promise<string> {
    const id = newId("job");
    const state = job.needsApproval ? "awaiting_approval" : "queued";
    await tx.query(
      `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, parent_digest, hyperparameters, seed, reason,
         state, due_at, requested_by, requested_by_name, ordered_by_job_id, estimate, waiting, last_event_seq, queued_at, waiting_since,
         priority, resources, run_window, max_seconds, max_cost)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $12 = 'queued' then now() end, $13, $14, $15, $16, $17, 1,
         case when $12 = 'queued' then now() end, case when $12 = 'queued' then now() end, $18, $19, $20, $21, $22)`,
      [
        id,
        job.institutionId,
        job.modelId,
        job.kind,
        job.method,
        job.tier,
        job.parentVersionId,
        job.parentDigest,
        JSON.stringify(job.hyperparameters),
        job.seed,
        job.reason,
        state,
        job.requestedBy.id,
        job.requestedBy.name,
        job.orderedBy,
        job.estimate === null ? null : JSON.stringify(job.estimate),
        JSON.stringify(job.waiting),
        job.priority,
        JSON.stringify(job.resources),
        job.window === null ? null : JSON.stringify(job.window),
        job.maxSeconds,
        job.maxCost,
      ],
    );
    await tx.query(
      `insert into job_datasets (job_id, dataset_version_id, role, institution_id, position)
       select $1, d.id, d.role, $2, d.n from unnest($3::text[], $4::text[]) with ordinality as d (id, role, n)`,
      [
        id,
        job.institutionId,
        [...job.datasets, ...job.evaluateOn],
        [...job.datasets.map(() => DATA), ...job.evaluateOn.map(() => EVALUATE)],
      ],
    );
    await recordState(tx, { id, institution_id: job.institutionId }, state, null, 1);
    return id;
  }
}

const FILTER = `($1::text is null or j.state = $1) and ($2::text is null or j.kind = $2)
  and ($3::text is null or j.model_id = (select id from models where namespace = split_part($3, '/', 1) and slug = split_part($3, '/', 2)))
  and ($4::boolean is null or $4 = (j.state <> all ($5)))`;

/** What the policy lets an institution see, said so that an index answers it: its own are found at once among those of thousands of others. */
function ownOf({ viewer }: Tx, place: number): { readonly sql: string; readonly values: readonly string[] } {
  return viewer.reach === "tenant" ? { sql: ` and j.institution_id = $${place}`, values: [viewer.institutionId] } : { sql: "", values: [] };
}

function filters(query: ListJobs): unknown[] {
  const open = query["filter[open]"];
  return [
    query["filter[state]"] ?? null,
    query["filter[kind]"] ?? null,
    query["filter[model]"] ?? null,
    open === undefined ? null : open === "true",
    FINAL_STATES,
  ];
}
