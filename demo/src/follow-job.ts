import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "@ziggurat/client";
import { type CreateJobInput, Evaluation, Job, type JobState, Logs, pageOf, paths } from "@ziggurat/contracts";
import type { ProgressTask } from "./show/progress.js";
import { count } from "./show/table.js";

const POLL_MS = 400;
const LOG_LINES_SHOWN = 20;
const ENDED: readonly JobState[] = ["succeeded", "failed", "cancelled"];

/** A job that ended without a result; the message says why and holds the end of its log. */
export class JobFailure extends Error {}

export async function requestJob(api: Api, request: CreateJobInput): Promise<Job> {
  return api.post(Job, paths.jobs(), request);
}

/** Approves a job that waits for it; a job that needs no approval is left alone. */
export async function approveIfAsked(approver: Api, job: Job, reason: string): Promise<void> {
  if (job.state !== "awaiting_approval") return;
  await approver.post(Job, paths.jobAction(job.id, "approve"), { reason });
}

/**
 * Watches a job to its end and shows it on `task`.
 * @returns the finished job; throws {@link JobFailure} when it failed, was cancelled, or its evaluation failed.
 */
export async function followJob(api: Api, id: string, task: ProgressTask): Promise<Job> {
  for (;;) {
    const job = await api.get(Job, paths.job(id));
    if (ENDED.includes(job.state)) {
      if (job.state !== "succeeded" || job.evaluationFailed) throw new JobFailure(await failureText(api, job));
      task.done(doneNote(job));
      return job;
    }
    const { fraction, note } = jobProgress(job);
    task.update(fraction, note);
    await delay(POLL_MS);
  }
}

/** Share of a job that is done, 0 to 1, and words beside it. */
export function jobProgress(job: Pick<Job, "state" | "progress" | "position">): { fraction: number; note: string } {
  const { progress } = job;
  const share = progress === null || progress.steps === 0 ? 0 : Math.min(1, progress.step / progress.steps);
  switch (job.state) {
    case "running":
    case "no_signal": {
      const speed = progress?.tokensPerSecond === null || progress === null ? [] : [`${count(progress.tokensPerSecond)} tokens/s`];
      const left = progress?.etaSeconds === null || progress === null ? [] : [`${count(progress.etaSeconds)} s left`];
      return {
        fraction: share,
        note: [job.state === "running" ? "" : "no signal", ...speed, ...left].filter((part) => part !== "").join(", "),
      };
    }
    case "collecting":
    case "evaluating":
      return { fraction: 0.99, note: job.state };
    case "queued":
      return { fraction: 0, note: job.position === null ? "queued" : `queued, place ${job.position}` };
    default:
      return { fraction: share, note: job.state.replaceAll("_", " ") };
  }
}

/** Every evaluation that the given jobs produced. */
export async function evaluationsOf(api: Api, jobIds: readonly string[]): Promise<Evaluation[]> {
  const pages = await Promise.all(jobIds.map((id) => api.get(pageOf(Evaluation), paths.evaluations(), { "filter[job]": id })));
  return pages.flatMap((page) => page.data);
}

function doneNote(job: Job): string {
  const facts = [
    job.trainSeconds === null ? null : `${count(job.trainSeconds)} s`,
    job.tokensPerSecond === null ? null : `${count(job.tokensPerSecond)} tokens/s`,
    job.kind === "evaluate" ? null : job.version,
  ];
  return facts.filter((fact) => fact !== null).join(", ");
}

async function failureText(api: Api, job: Job): Promise<string> {
  const failure = job.attempts.at(-1)?.failure;
  const reason = job.evaluationFailed ? "its evaluation failed" : (failure?.detail ?? job.stateReason ?? "no reason was stored");
  const logs = await api.get(Logs, paths.jobLogs(job.id), { offset: String(-LOG_LINES_SHOWN) }).catch(() => null);
  const tail = logs === null ? [] : logs.lines.map((line) => `  | ${line.text}`);
  return [`job ${job.id} (${job.kind} ${job.model}) ${job.state}: ${reason}`, ...(failure ? [`  ${failure.remedy}`] : []), ...tail].join(
    "\n",
  );
}
