import type { RunRef } from "@ziggurat/clusters";
import type { JobResources, PriorityClass, Yielding } from "@ziggurat/contracts";

/** An attempt as the database has it, with its cluster's name. */
export interface AttemptRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly job_id: string;
  readonly number: number;
  readonly key: string;
  readonly cluster: string;
  readonly external: RunRef | null;
  readonly state: string;
  readonly exit_code: number | null;
  readonly failure_class: string | null;
  readonly failure_detail: string | null;
  readonly token_hash: string;
  readonly token_expires_at: Date;
  readonly last_seq: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly last_heard_at: Date | null;
  readonly gpu_type: string | null;
  /** What its job takes, and the guards that it set itself. */
  readonly resources: JobResources;
  readonly priority: PriorityClass;
  readonly max_seconds: number | null;
  readonly max_cost: string | null;
  readonly yielding: Yielding | null;
}

export const SELECT_ATTEMPT = `
  select a.*, c.name as cluster, i.slug as owner, j.resources, j.priority, j.max_seconds, j.max_cost, j.yielding from attempts a
  join jobs j on j.id = a.job_id join clusters c on c.id = a.cluster_id join institutions i on i.id = a.institution_id`;

/** Name that all attempts of a job share at an engine, and the name of one. */
export function familyOf(jobId: string): string {
  return `zig-${jobId.slice(jobId.indexOf("_") + 1)}`;
}
export function keyOf(jobId: string, number: number): string {
  return `${familyOf(jobId)}-${number}`;
}
