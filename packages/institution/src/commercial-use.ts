import type { Violation } from "@ziggurat/contracts";
import type { TuneFacts } from "@ziggurat/pyramid";

/** A task model serves an institution's customers, so a base that forbids commercial use carries none. */
export function commercialUseAllowed({ kind, parent }: TuneFacts): Violation[] {
  if (kind === "evaluate" || parent === null || parent.effectiveTerms.commercialUse) return [];
  return [{ code: "terms_commercial", detail: `the terms of ${parent.ref} forbid commercial use`, pointer: "/parent" }];
}
