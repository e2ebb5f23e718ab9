import { posix } from "node:path";
import type { Submission } from "../cluster-driver.js";

/** Where a node finds what a run needs, as paths of that node. */
export interface NodePaths {
  /** Holds `runs/`, `checkpoints/` and `node-cache/`; shared by all nodes of a cluster that has several. */
  readonly workDir: string;
  /** Folder of the runner: has a `__main__.py` and needs no installation. */
  readonly runner: string;
}

/** Folder of an attempt. @throws Error when the key is no folder's name */
export function runFolder(workDir: string, key: string): string {
  if (!/^[a-z0-9-]{1,60}$/.test(key)) throw new Error(`not an attempt key: ${key}`);
  return posix.join(workDir, "runs", key);
}

/** What follows the interpreter: the same runner in the same folders on every engine that shares a disk with its nodes. */
export function runnerArguments({ workDir, runner }: NodePaths, { key, family, work }: Submission): string[] {
  return [
    "-I",
    runner,
    ...["--key", key],
    ...["--dir", runFolder(workDir, key)],
    ...["--cache", posix.join(workDir, "node-cache")],
    ...["--checkpoints", posix.join(workDir, "checkpoints", family)],
    ...(work.kind === "probe" ? ["--probe", work.text, "--probe-seconds", String(work.seconds)] : []),
  ];
}

/** The two variables of an attempt; a probe has none. They go by environment, since everybody on a node sees arguments. */
export function secretsOf({ work }: Submission): Record<string, string> {
  return work.kind === "run" ? { ZIGGURAT_JOB_URL: work.url, ZIGGURAT_JOB_TOKEN: work.token } : {};
}
