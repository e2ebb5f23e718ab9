import type { Operation } from "./open-api.js";
import type { Bank } from "./scene.js";

/** Somebody of an institution, or a run of theirs, or nobody. */
export interface Attacker {
  readonly name: string;
  readonly token: string | null;
}

/** Who tries a route: every role, where somebody must be signed in; a run with its own token on the routes of runs. */
export function attackersOf(operation: Operation, bank: Bank): readonly Attacker[] {
  const people = bank.people.map(({ role, token }) => ({ name: role, token }));
  if (!operation.isPublic) return people;
  if (operation.path.includes("/runs/")) return [{ name: "run", token: bank.runToken }, ...people.slice(0, 1)];
  return [{ name: "nobody", token: null }];
}
