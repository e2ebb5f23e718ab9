import type { JobKind } from "@ziggurat/contracts";

/** Whether a job leaves bytes behind that its institution keeps: scores are none to speak of. */
export function storesResult(kind: JobKind): boolean {
  return kind !== "evaluate";
}
