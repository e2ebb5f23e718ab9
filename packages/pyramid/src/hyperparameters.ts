import { type CheckedHyperparameters, checkHyperparameters, type Method } from "@ziggurat/contracts";
import type { TierPolicy } from "./tier-policy.js";

/** A request's hyperparameters with the tier's and the contract's defaults filled in, or everything that is wrong with them. */
export function resolveHyperparameters(
  policy: TierPolicy,
  method: Method,
  given: Readonly<Record<string, unknown>>,
): CheckedHyperparameters {
  return checkHyperparameters(method, { ...policy.defaults[method], ...given });
}
