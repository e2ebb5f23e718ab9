import type { RunRef } from "@ziggurat/clusters";

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
}

export const SELECT_ATTEMPT = `
  select a.*, c.name as cluster, i.slug as owner from attempts a
  join clusters c on c.id = a.cluster_id join institutions i on i.id = a.institution_id`;

/** Name that all attempts of a job share at an engine, and the name of one. */
export function familyOf(jobId: string): string {
  return `zig-${jobId.slice(jobId.indexOf("_") + 1)}`;
}
export function keyOf(jobId: string, number: number): string {
  return `${familyOf(jobId)}-${number}`;
}
