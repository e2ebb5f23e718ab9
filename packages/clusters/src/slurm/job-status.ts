import { FAILURES } from "@ziggurat/contracts";
import { type KnownStatus, type RunStatus, statusOf } from "../cluster-driver.js";
import { NO_FOLDER } from "./batch-script.js";
import { runStateOf } from "./job-states.js";
import type { SlurmJob } from "./slurm-transport.js";
import { waitOf } from "./wait-reasons.js";

/** What Slurm's description of a job says of its run. */
export function statusOfJob(job: SlurmJob): RunStatus {
  const state = runStateOf(job.states);
  const engineState = [job.states.join(" "), job.reason, rawExit(job)].filter((part) => part !== null).join(" · ");
  if (state === null) return { reachable: false, message: `Slurm calls the job ${engineState}, which is not known here.` };
  const isWaiting = state === "queued" || state === "scheduling";
  const hasStarted = !isWaiting && job.startsAt !== null;
  return statusOf(state, {
    engineState,
    waits: isWaiting ? waitsOf(job) : null,
    ...(isWaiting || state === "running" ? {} : outcomeOf(job)),
    nodes: job.nodes,
    restarts: job.restarts,
    startedAt: hasStarted ? timestamp(job.startsAt) : null,
    endedAt: isWaiting || state === "running" ? null : timestamp(job.endsAt),
    estimatedStart: isWaiting ? timestamp(job.startsAt) : null,
  });
}

function waitsOf({ states, reason, restarts }: SlurmJob): KnownStatus["waits"] {
  if (states.includes("SUSPENDED") || states.includes("STOPPED")) return { code: "held", raw: reason ?? states.join(" ") };
  if (states.some((name) => /^(REQUEUE_HOLD|RESV_DEL_HOLD)$/.test(name))) return { code: "held", raw: reason ?? states.join(" ") };
  if (reason === null) return restarts > 0 ? { code: "put_back", raw: states.join(" ") } : null;
  return { code: waitOf(reason, restarts), raw: reason };
}

/**
 * Exit code and words of an ended job. Where Slurm knows more than the code, the code is the contract's for what it knows: a time limit
 * shows as 0, and a node that could not start the job as the code of no program.
 */
function outcomeOf(job: SlurmJob): Pick<KnownStatus, "exitCode" | "message"> {
  const is = (name: string) => job.states.includes(name);
  if (is("TIMEOUT") || is("DEADLINE")) return { exitCode: FAILURES.time_limit.exitCode, message: "Slurm ended it at its time limit." };
  if (is("OUT_OF_MEMORY"))
    return { exitCode: FAILURES.out_of_memory.exitCode, message: "Slurm ended it: it took more memory than it was given." };
  if (is("NODE_FAIL") || is("BOOT_FAIL")) return { exitCode: null, message: `Its node was lost (${job.reason ?? job.states.join(" ")}).` };
  if (is("PREEMPTED")) return { exitCode: null, message: "It gave way to a job of higher priority." };
  if (is("REVOKED")) return { exitCode: null, message: "Another cluster of the federation has it." };
  if (job.exit === null) return { exitCode: null, message: job.reason };
  const { code, signal } = job.exit;
  if (is("CANCELLED")) return { exitCode: code > 0 || signal > 0 ? codeOf(job.exit) : null, message: job.reason };
  if (is("FAILED") && job.nodes.length === 0)
    return { exitCode: FAILURES.environment.exitCode, message: `Slurm found no node for what it asks (${job.reason}).` };
  if (code === NO_FOLDER) {
    const message = `The shared folder is missing on ${job.nodes[0]}.`;
    return { exitCode: FAILURES.environment.exitCode, message };
  }
  // What a shell says of a program that it cannot start; the runner has no such codes.
  if (code === 126 || code === 127)
    return { exitCode: FAILURES.environment.exitCode, message: `Interpreter or runner is missing on ${job.nodes.join(", ")}.` };
  // 0:53 and the like: Slurm's own error where a signal would stand.
  if (signal > 31 || (job.reason === "JobLaunchFailure" && signal === 0))
    return { exitCode: FAILURES.environment.exitCode, message: `Slurm could not start it on ${job.nodes.join(", ")} (${job.reason}).` };
  return { exitCode: codeOf(job.exit), message: signal > 0 ? `Ended by signal ${signal}.` : null };
}

/** As a shell would say it: 128 and the signal. */
const codeOf = ({ code, signal }: NonNullable<SlurmJob["exit"]>): number => (signal > 0 ? 128 + signal : code);

const rawExit = ({ exit }: SlurmJob): string | null =>
  exit === null || (exit.code === 0 && exit.signal === 0) ? null : `${exit.code}:${exit.signal}`;

const timestamp = (seconds: number | null): string | null => (seconds === null ? null : new Date(seconds * 1000).toISOString());

/** The raw wait status of a process, as slurmctld keeps it. */
export const decodeWaitStatus = (status: number): { readonly code: number; readonly signal: number } => ({
  code: (status >> 8) & 255,
  signal: status & 127,
});
