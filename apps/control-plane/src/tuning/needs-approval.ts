import type { JobKind } from "@ziggurat/contracts";
import type { TierPolicy } from "@ziggurat/pyramid";

/** What makes new weights out of data asks for a person's word where the tier wants one; scoring and merging do not. */
const ASKED: readonly JobKind[] = ["pretrain", "tune"];

export function needsApproval(policy: Pick<TierPolicy, "jobApprovers">, kind: JobKind): boolean {
  return policy.jobApprovers !== null && ASKED.includes(kind);
}
