import type { Violation } from "@ziggurat/contracts";
import type { TuneFacts } from "@ziggurat/pyramid";

/** Whole copies of large bases are refused: an adapter does, or a dated waiver once those exist. */
export function fullTuneSize({ method, parent }: TuneFacts, limit: number): Violation[] {
  if (method !== "full" || parent === null) return [];
  if (parent.parameters === null) {
    return [
      {
        code: "base_size_unknown",
        detail: `the size of ${parent.ref} is unknown, so only adapters may be tuned on it`,
        pointer: "/method",
      },
    ];
  }
  if (parent.parameters <= limit) return [];
  const detail = `${parent.ref} has ${parent.parameters} parameters; full tuning ends at ${limit}. Use lora`;
  return [{ code: "full_tune_size", detail, pointer: "/method" }];
}
