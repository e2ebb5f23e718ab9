import { type Attacker, attackersOf } from "./attackers.js";
import type { Marks } from "./contents.js";
import { allOf, type Holdings } from "./holdings.js";
import { isAttacked } from "./kinds.js";
import { inLanes } from "./lanes.js";
import type { Operation } from "./open-api.js";
import { type Draft, draftOf, type Request, withValue, written } from "./request.js";
import type { Bank } from "./scene.js";
import { send } from "./send.js";
import { type Slot, slotsOf } from "./slots.js";

/** Of how many answers one is read when time is short. A prime, so that every role has its turn on every route. */
const BRIEF = 7;

/** Everything that somebody may read of their own: every reading route, on every thing that they have. */
export function readingsOf(operation: Operation, own: Holdings): Request[] {
  if (operation.method !== "GET") return [];
  const slots = slotsOf(operation);
  const base = draftOf(operation, own);
  const requests = slots.flatMap((slot) => variants(base, slot, own));
  return [...new Map([base, ...requests].map((draft) => [written(draft).path, written(draft)])).values()];
}

function variants(base: Draft, slot: Slot, own: Holdings): Draft[] {
  if (slot.in === "query" && slot.name === "include") return [withValue(base, slot, "total")];
  if (slot.in === "query" && slot.name === "limit") return [withValue(base, slot, "100")];
  if (slot.in === "query" && slot.schema.enum !== undefined) return slot.schema.enum.map((value) => withValue(base, slot, String(value)));
  return isAttacked(slot.kind) ? allOf(own, slot.kind).map((value) => withValue(base, slot, value)) : [];
}

/** Everything that everybody may read, or a part of it. */
export function allReadings(
  operations: readonly Operation[],
  bank: Bank,
  isBrief: boolean,
  as: (operation: Operation) => readonly Attacker[] = (operation) => attackersOf(operation, bank),
) {
  const all = operations.flatMap((operation) =>
    as(operation).flatMap((attacker) => readingsOf(operation, bank.holdings).map((request) => ({ operation, attacker, request }))),
  );
  return isBrief ? all.filter((_, index) => index % BRIEF === 0) : all;
}

/** Reads everything as everybody and looks for the neighbour's words. @returns how many answers were read, which routes answered, and what was found */
export async function readEverything(
  url: string,
  operations: readonly Operation[],
  bank: Bank,
  marks: Marks,
  isBrief: boolean,
  as?: (operation: Operation) => readonly Attacker[],
): Promise<{ readonly read: number; readonly answered: ReadonlySet<string>; readonly leaks: readonly string[] }> {
  const answered = new Set<string>();
  const leaks: string[] = [];
  const calls = allReadings(operations, bank, isBrief, as);
  await inLanes(calls, 3, async ({ operation, attacker, request }) => {
    const answer = await send(url, request, attacker.token);
    if (answer.status < 300) answered.add(operation.id);
    const found = marks.find(
      `${answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n${answer.body}`.replaceAll(request.path, ""),
    );
    if (found !== null)
      leaks.push(
        `LEAK ${operation.method} ${request.path} (${operation.id}) as ${attacker.name}: status ${answer.status} holds ${JSON.stringify(found)}`,
      );
  });
  return { read: calls.length, answered, leaks };
}
