import { z } from "zod";

/**
 * Every way a run can fail, with the one exit code that names it and what to do next.
 * Trainer and runner exit with these codes; `lost` is never an exit code of a process, the control plane records it.
 */
export const FAILURES = {
  code_error: { exitCode: 1, retry: false, remedy: "A defect in the training program. Read the log; report it with the request id." },
  bad_spec: { exitCode: 10, retry: false, remedy: "The request does not fit the trainer. Correct the named field and ask again." },
  bad_data: {
    exitCode: 11,
    retry: false,
    remedy: "A dataset row cannot be used. Correct the named line and upload a new dataset version.",
  },
  bad_base: { exitCode: 12, retry: false, remedy: "The base model cannot be loaded. Check its files; choose another release." },
  out_of_memory: { exitCode: 13, retry: false, remedy: "Lower batchSize or sequenceLength, or use LoRA." },
  diverged: { exitCode: 14, retry: false, remedy: "The loss became infinite or not a number. Lower learningRate." },
  storage: { exitCode: 15, retry: true, remedy: "The disk is full or unreadable. Free space on the node, then retry." },
  environment: { exitCode: 16, retry: false, remedy: "Python, torch or a device is missing on the node. See the cluster's health." },
  cancelled: { exitCode: 17, retry: false, remedy: "Stopped on request." },
  preempted: { exitCode: 18, retry: true, remedy: "The engine took the node back. The next attempt resumes from the last checkpoint." },
  input_unavailable: { exitCode: 20, retry: true, remedy: "An input could not be fetched. Check the blob store, then retry." },
  digest_mismatch: { exitCode: 21, retry: false, remedy: "A file is not what its digest says. It must be verified before any use." },
  no_result: { exitCode: 22, retry: false, remedy: "The program ended without its final marker. Read the log." },
  time_limit: { exitCode: 23, retry: false, remedy: "The run exceeded its time limit. Lower epochs or raise the limit." },
  guard: { exitCode: 25, retry: false, remedy: "A guard of the job was broken. Ask for a new job with a higher maxSeconds or maxCost." },
  lost: { exitCode: 24, retry: true, remedy: "The engine no longer knows the run. The next attempt resumes from the last checkpoint." },
} as const satisfies Record<string, { exitCode: number; retry: boolean; remedy: string }>;

export type FailureClass = keyof typeof FAILURES;
export const FAILURE_CLASSES = Object.keys(FAILURES) as [FailureClass, ...FailureClass[]];
export const FailureClass = z.enum(FAILURE_CLASSES);

/** Class of a failed run from its exit code. A killed process (137 or signal 9) most often ran out of memory. */
export function failureOfExitCode(exitCode: number | null): FailureClass {
  if (exitCode === null) return "lost";
  if (exitCode === 137 || exitCode === -9) return "out_of_memory";
  if (exitCode === 143 || exitCode === -15) return "preempted";
  return FAILURE_CLASSES.find((name) => FAILURES[name].exitCode === exitCode) ?? "code_error";
}
