import type { Violation } from "@ziggurat/contracts";

/** What stands against telling the past as of an instant. */
export interface InstantFacts {
  readonly at: Date;
  readonly now: Date;
  /** Entries up to the instant that no signed head covers yet, or transactions from before it that are not over. */
  readonly isOpen: boolean;
}

/**
 * Whether nothing can be added to the past before the instant any more: only then is what is told of it told the same ever after.
 * Codes `instant_future` and `instant_unsealed`.
 */
export function checkInstant({ at, now, isOpen }: InstantFacts): Violation[] {
  if (at > now) {
    const detail = `at: ${at.toISOString()} lies ahead, it is ${now.toISOString()} here; name an instant that has passed`;
    return [{ code: "instant_future", detail, pointer: "/at" }];
  }
  if (!isOpen) return [];
  const detail = `at: not everything up to ${at.toISOString()} has been sealed in the audit log; ask again in a second, or for an earlier instant`;
  return [{ code: "instant_unsealed", detail, pointer: "/at" }];
}
