import type { ImportAction, ImportState } from "@ziggurat/contracts";

/** Where an import can go from each state. `failed` and `cancelled` are left only by asking again. */
export const IMPORT_MOVES: Readonly<Record<ImportState, readonly ImportState[]>> = {
  resolving: ["transferring", "failed", "cancelled"],
  transferring: ["done", "failed", "cancelled"],
  failed: ["resolving", "transferring", "cancelled"],
  cancelled: ["resolving", "transferring"],
  done: [],
};

/** States in which the worker has something to do. */
export const OPEN_IMPORT_STATES: readonly ImportState[] = ["resolving", "transferring"];

const FROM: Readonly<Record<ImportAction, readonly ImportState[]>> = {
  cancel: ["resolving", "transferring", "failed"],
  retry: ["failed", "cancelled"],
};

/** Why an action is not open in this state, or null. */
export function whyNotImport(action: ImportAction, state: ImportState): string | null {
  return FROM[action].includes(state) ? null : `the import is ${state}; ${action} is open while it is ${FROM[action].join(" or ")}`;
}
