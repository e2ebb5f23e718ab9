import type { PastJob, SlurmJob, SlurmNode, SlurmPartition, SlurmRequest } from "../slurm-transport.js";
import { v0038 } from "./v0-0-38.js";
import { v0040 } from "./v0-0-40.js";

/** How one version of slurmrestd's interface writes things. A decoder throws when an answer has another form. */
export interface RestVersion {
  submission(request: SlurmRequest): unknown;
  jobs(answer: unknown, user: string): SlurmJob[];
  nodes(answer: unknown): SlurmNode[];
  partitions(answer: unknown): SlurmPartition[];
  /** Jobs as accounting keeps them, in any order. */
  past(answer: unknown): PastJob[];
}

/** Oldest first. From v0.0.40 on, versions have grown fields and kept the forms of those that are read or written here. */
export const REST_VERSIONS: ReadonlyMap<string, RestVersion> = new Map([
  ["v0.0.38", v0038],
  ...["v0.0.40", "v0.0.41", "v0.0.42", "v0.0.43", "v0.0.44", "v0.0.45"].map((name) => [name, v0040] as const),
]);

/** The newest version that both sides speak, from the paths of the other side's OpenAPI document; null when there is none. */
export function chooseVersion(paths: readonly string[]): string | null {
  const served = new Set(paths.flatMap((path) => /^\/slurm\/(v[0-9.]+)\//.exec(path)?.[1] ?? []));
  return [...REST_VERSIONS.keys()].reverse().find((name) => served.has(name)) ?? null;
}
