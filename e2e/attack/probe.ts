import type { Pair } from "./absent.js";
import { pairsOf } from "./absent.js";
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
  /** What the neighbour was answered on their own: places in lists by route, entity tags by route. */
  readonly cursors: Readonly<Record<string, readonly string[]>>;
  readonly etags: Readonly<Record<string, string>>;
  /** Keys under which the neighbour did something once. */
  readonly idempotencyKeys: readonly string[];
  readonly requestIds: readonly string[];
}

/** Every probe of one route. */
export function probesOf(operation: Operation, world: World): Probe[] {
  const attacked = slotsOf(operation).filter(({ kind }) => isAttacked(kind));
  return [...attacked.flatMap((slot) => slotProbes(operation, slot, world)), ...wholeProbes(operation, attacked, world), ...headerProbes(operation, world)];
}

/** The attacker's own request with one place changed. */
function slotProbes(operation: Operation, slot: Slot, world: World): Probe[] {
  const base = draftOf(operation, world.own, slot.in === "body" ? slot.steps : []);
  return pairsFor(operation, slot, world).map(({ label, theirs, absent }) =>
    probe(operation, `${nameOf(slot)}, ${label}`, withValue(base, slot, theirs), withValue(base, slot, absent), [theirs], [absent]),
  );
}

function pairsFor(operation: Operation, slot: Slot, world: World): Pair[] {
  if (slot.kind === "cursor") return (world.cursors[operation.id] ?? []).flatMap((one) => pairsOf("cursor", one, () => false, world.own.slug));
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
      : [
          ["if-none-match", world.etags[operation.id] ?? ""] as const,
          ["if-match", world.etags[operation.id] ?? ""] as const,
        ]),
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
      ["0", "1", "3", "999"].map((seq) => probe(operation, nameOf(stream), withValue(theirs, stream, seq), withValue(absent, stream, seq), ...named)),
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
