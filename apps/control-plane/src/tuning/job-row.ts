import type { JobKind, JobResources, JobState, Method, PriorityClass, Tier, Yielding } from "@ziggurat/contracts";

/** A job as the database has it, with the names behind its ids. Big integers arrive as text. */
export interface JobRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly model_id: string;
  readonly model: string;
  readonly kind: JobKind;
  readonly method: Method;
  readonly tier: Tier;
  readonly parent_version_id: string | null;
  readonly parent: string | null;
  readonly parent_digest: string | null;
  readonly hyperparameters: Record<string, unknown>;
  readonly seed: number;
  readonly reason: string;
  readonly state: JobState;
  readonly state_reason: string | null;
  readonly requested_by: string;
  readonly requested_by_name: string;
  readonly ordered_by_job_id: string | null;
  readonly estimate: unknown;
  readonly priority: PriorityClass;
  readonly resources: JobResources;
  readonly places: number;
  readonly run_window: unknown;
  readonly max_seconds: number | null;
  readonly max_cost: string | null;
  readonly placement: unknown;
  readonly preemptions: number;
  readonly yielding: Yielding | null;
  readonly waiting: unknown;
  readonly position: number | null;
  readonly start_range: unknown;
  readonly progress: unknown;
  readonly wanted_command: "cancel" | "pause" | null;
  readonly version_id: string | null;
  readonly version: string | null;
  readonly evaluation_failed: boolean;
  readonly flagged_by: string | null;
  readonly tokens: string | null;
  readonly train_seconds: number | null;
  readonly tokens_per_second: number | null;
  readonly last_event_seq: string;
  readonly log_lines: number;
  readonly attempts_before: number;
  readonly created_at: Date;
  readonly queued_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

/** Jobs with the names behind their ids. @param jobs a table, or a query in brackets, with the columns of `jobs` */
export const selectJob = (jobs: string): string => `
  select j.*, i.slug as owner, m.namespace || '/' || m.slug as model,
    pm.namespace || '/' || pm.slug || '@' || p.number as parent, m.namespace || '/' || m.slug || '@' || v.number as version
  from ${jobs} j join institutions i on i.id = j.institution_id join models m on m.id = j.model_id
  left join versions p on p.id = j.parent_version_id left join models pm on pm.id = p.model_id
  left join versions v on v.id = j.version_id`;
export const SELECT_JOB = selectJob("jobs");

/** Roles of a dataset in a job: what it works on, and what its result is scored on. */
export const DATA = "data";
export const EVALUATE = "evaluate";
