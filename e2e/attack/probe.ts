import type { Pair } from "./absent.js";
import { pairsOf, turned } from "./absent.js";
import { allOf, type Holdings } from "./holdings.js";
import { isAttacked, type Kind } from "./kinds.js";
import type { Operation } from "./open-api.js";
import { type Draft, draftOf, type Request, withHeader, withValue, written } from "./request.js";
import { nameOf, type Slot, slotsOf } from "./slots.js";

/** Two requests that differ in whether the neighbour has what is named, and in nothing else that may show. */
export interface Probe {
  readonly operation: Operation;
  /** Which place was tried, and against what kind of absence. */
  readonly position: string;
  readonly theirs: Request;
  readonly absent: Request;
  /** What each request named, which its answer may repeat. */
  readonly named: { readonly theirs: readonly string[]; readonly absent: readonly string[] };
}

/** What the generator knows of the platform. */
export interface World {
  readonly own: Holdings;
  readonly theirs: Holdings;
  /** Whether anybody has this value. */
  readonly isKnown: (value: string) => boolean;
  /** Places in the neighbour's own lists by route, and in their lists of what everybody sees. */
  readonly cursors: Readonly<Record<string, string>>;
  readonly sharedCursors: Readonly<Record<string, string>>;
  /** Entity tags of what the neighbour was answered, by route. */
  readonly etags: Readonly<Record<string, string>>;
  /** Keys under which the neighbour did something once. */
  readonly idempotencyKeys: readonly string[];
  readonly requestIds: readonly string[];
}

/** Every probe of one route. */
export function probesOf(operation: Operation, world: World): Probe[] {
  const attacked = slotsOf(operation).filter(({ kind }) => isAttacked(kind));
  return [
    ...attacked.flatMap((slot) => slotProbes(operation, slot, world)),
    ...wholeProbes(operation, attacked, world),
    ...headerProbes(operation, world),
    ...keyProbes(operation, attacked, world),
  ];
}

/** The attacker's own request with one place changed. */
function slotProbes(operation: Operation, slot: Slot, world: World): Probe[] {
  const base = draftOf(operation, world.own, slot.in === "body" ? slot.steps : []);
  if (slot.kind === "cursor") return cursorProbes(operation, slot, base, world);
  return pairsFor(slot, world).map(({ label, theirs, absent }) =>
    probe(operation, `${nameOf(slot)}, ${label}`, withValue(base, slot, theirs), withValue(base, slot, absent), [theirs], [absent]),
  );
}

/** A place in the neighbour's list, in the attacker's own list, in the neighbour's, and in one that both may see. */
function cursorProbes(operation: Operation, slot: Slot, own: Draft, world: World): Probe[] {
  const places: readonly (readonly [Draft, string | undefined, string])[] = [
    [own, world.cursors[operation.id], "own list"],
    [draftOf(operation, world.theirs), world.cursors[operation.id], "their list"],
    [sharedDraft(operation, world.own), world.sharedCursors[operation.id], "shared list"],
  ];
  return places.flatMap(([base, cursor, label]) =>
    (cursor === undefined ? [] : pairsOf("cursor", cursor, () => false, world.own.slug)).map(({ theirs, absent }) =>
      probe(operation, `${nameOf(slot)}, ${label}`, withValue(base, slot, theirs), withValue(base, slot, absent), [theirs], [absent]),
    ),
  );
}

/** The same request about something of the platform's that everybody sees. */
export function sharedDraft(operation: Operation, own: Holdings): Draft {
  const shared = slotsOf(operation).filter((slot) => slot.in === "path" && own.lent[slot.kind] !== undefined);
  return shared.reduce((draft, slot) => withValue(draft, slot, own.lent[slot.kind]?.[0] ?? ""), draftOf(operation, own));
}

function pairsFor(slot: Slot, world: World): Pair[] {
  if (slot.kind === "versions") {
    const [first = ""] = allOf(world.own, "version");
    return allOf(world.theirs, "version").flatMap((one) =>
      pairsOf("version", one, world.isKnown, world.own.slug).map(({ label, theirs, absent }) => ({
        label,
        theirs: `${first},${theirs}`,
        absent: `${first},${absent}`,
      })),
    );
  }
  // A number in a stream is nobody's; it is tried on the neighbour's own stream.
  if (slot.kind === "event") return [];
  return theirOwn(world, slot.kind).flatMap((one) => pairsOf(slot.kind, one, world.isKnown, world.own.slug));
}

/** What the neighbour has and the attacker has not: both may well have a file of the same name. */
function theirOwn({ own, theirs }: World, kind: Kind): readonly string[] {
  const mine = new Set(allOf(own, kind));
  return allOf(theirs, kind).filter((value) => !mine.has(value));
}

/** The neighbour's own request, sent by the attacker. */
function wholeProbes(operation: Operation, attacked: readonly Slot[], world: World): Probe[] {
  const pair = wholePair(operation, attacked, world);
  return pair === null ? [] : [probe(operation, "whole request", ...pair)];
}

/** The neighbour's own request and the same about things that nobody has; null where a route names nothing. */
export function wholePair(
  operation: Operation,
  attacked: readonly Slot[],
  world: World,
): [Draft, Draft, readonly string[], readonly string[]] | null {
  const used = attacked.filter((slot) => slot.in === "path");
  if (used.length === 0) return null;
  let theirs = draftOf(operation, world.theirs);
  let absent = theirs;
  const named: { theirs: string[]; absent: string[] } = { theirs: [], absent: [] };
  for (const slot of used) {
    const [pair] = theirOwn(world, slot.kind)
      .slice(0, 1)
      .flatMap((one) => pairsOf(slot.kind, one, world.isKnown, world.own.slug));
    if (pair === undefined) continue;
    theirs = withValue(theirs, slot, pair.theirs);
    absent = withValue(absent, slot, pair.absent);
    named.theirs.push(pair.theirs);
    named.absent.push(pair.absent);
  }
  return [theirs, absent, named.theirs, named.absent];
}

/** Doing something of one's own under a key of the neighbour's, and under one that nobody has used. */
function keyProbes(operation: Operation, attacked: readonly Slot[], world: World): Probe[] {
  if (operation.method !== "POST" || operation.isPublic || attacked.some((slot) => slot.in === "path")) return [];
  const draft = draftOf(operation, world.own);
  return world.idempotencyKeys
    .slice(0, 1)
    .map((key) =>
      probe(
        operation,
        "header idempotency-key, own request",
        withHeader(draft, "idempotency-key", key),
        withHeader(draft, "idempotency-key", turned(key)),
        [key],
        [turned(key)],
      ),
    );
}

/** Headers that could tell something: on the neighbour's request, so that nothing of the attacker's own is done. */
function headerProbes(operation: Operation, world: World): Probe[] {
  const whole = wholePair(
    operation,
    slotsOf(operation).filter(({ kind }) => isAttacked(kind)),
    world,
  );
  if (whole === null) return [];
  const [theirs, absent, ...named] = whole;
  const headers: readonly (readonly [string, string])[] = [
    ["x-institution", world.theirs.slug],
    ...world.requestIds.slice(0, 1).map((id) => ["x-request-id", id] as const),
    ...(world.etags[operation.id] === undefined
      ? []
      : [["if-none-match", world.etags[operation.id] ?? ""] as const, ["if-match", world.etags[operation.id] ?? ""] as const]),
    ...(operation.method === "POST" ? world.idempotencyKeys.slice(0, 3).map((key) => ["idempotency-key", key] as const) : []),
    ...(operation.method === "GET" ? ([["range", "bytes=0-9"]] as const) : []),
    ...(operation.path.endsWith("/events") && operation.method === "GET"
      ? ["0", "1", "3", "999"].map((seq) => ["last-event-id", seq] as const)
      : []),
  ];
  const streams = slotsOf(operation).filter(({ kind }) => kind === "event");
  return [
    ...headers.map(([name, value]) =>
      probe(operation, `header ${name}`, withHeader(theirs, name, value), withHeader(absent, name, value), ...named),
    ),
    ...streams.flatMap((stream) =>
      ["0", "1", "3", "999"].map((seq) =>
        probe(operation, nameOf(stream), withValue(theirs, stream, seq), withValue(absent, stream, seq), ...named),
      ),
    ),
  ];
}

function probe(
  operation: Operation,
  position: string,
  theirs: Draft,
  absent: Draft,
  namedTheirs: readonly string[],
  namedAbsent: readonly string[],
): Probe {
  return { operation, position, theirs: written(theirs), absent: written(absent), named: { theirs: namedTheirs, absent: namedAbsent } };
}
