import { expect, it } from "vitest";
import { aHolding, aWaiting, started } from "../test/builders.js";
import { admit } from "./admission/admit.js";
import { aSituation, DEFAULT_RULES, type Waiting } from "./admission/situation.js";
import { placesOnly } from "./placement/cluster-state.js";
import { agedRank, isOverdue, rankOf } from "./priority.js";

const HOUR = 3600;
const { agesAfterSeconds: after } = DEFAULT_RULES;

it("whoever waits rises a class at a time, and never before the evaluations that others wait for", () => {
  expect(agedRank("bulk", after.bulk - 1, after)).toBe(rankOf("bulk"));
  expect(agedRank("bulk", after.bulk, after)).toBe(rankOf("standard"));
  expect(agedRank("bulk", after.bulk + after.standard, after)).toBe(rankOf("interactive"));
  expect(agedRank("standard", 1000 * HOUR, after)).toBe(rankOf("interactive"));
  expect(agedRank("ordered", 1000 * HOUR, after)).toBe(rankOf("ordered"));
  expect(isOverdue("interactive", after.interactive, after)).toBe(true);
  expect(isOverdue("ordered", 1000 * HOUR, after)).toBe(false);
});

it("within an institution the class decides, until the wait does", () => {
  const now = 1000 * HOUR * 1000;
  const job = (id: string, priority: Waiting["priority"], hours: number) =>
    aWaiting(id, now - hours * HOUR * 1000, { priority, waitingSince: now - hours * HOUR * 1000 });
  const order = (waiting: readonly Waiting[]) =>
    admit(aSituation({ now, clusters: [placesOnly("local", 9)], waiting, holding: [aHolding("r")] })).decisions.map((one) => one.job.id);
  expect(order([job("b", "bulk", 30), job("s", "standard", 2), job("i", "interactive", 0), job("o", "ordered", 0)])).toEqual([
    "o",
    "i",
    "s",
    "b",
  ]);
  expect(order([job("old-bulk", "bulk", 80), job("s", "standard", 2)])).toEqual(["old-bulk", "s"]);
});

it("an institution that holds nothing and has waited too long goes before every share, with one job", () => {
  const now = 1000 * HOUR * 1000;
  const since = now - 13 * HOUR * 1000;
  const late = ["n1", "n2"].map((id, at) => aWaiting(id, since + at, { waitingSince: since }));
  const fresh = aWaiting("s1", now, { institution: "south" });
  // North has had far more than its share, and would not be next for a long time.
  const accounts = new Map([["north", { weight: 0.01, average: new Map([["place", 1]]) }]]);
  const on = (holding: readonly ReturnType<typeof aHolding>[]) =>
    started(admit(aSituation({ now, clusters: [placesOnly("local", 1 + holding.length)], waiting: [...late, fresh], accounts, holding })));
  expect(on([])).toEqual(["n1"]);
  expect(on([aHolding("r")])).toEqual(["s1"]);
});
