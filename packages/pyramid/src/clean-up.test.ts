import { CLEAN_UP_STATES, VERSION_STATES } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aViewer } from "./builders.js";
import { checkCleanUp, checkCleanUpRule, whyKept, whyNotCleanUp } from "./clean-up.js";
import { checkPurge, PURGEABLE_STATES } from "./purge.js";
import { LIVE_STATES, VERSION_MOVES } from "./version-states.js";

const none = { own: 0, others: 0, named: [] };
const now = new Date("2026-11-28T00:00:00Z");
const limits = { minimumCount: 5, minimumDays: 0, now };
const facts = {
  state: "retired" as const,
  isPurged: false,
  since: new Date("2026-11-01T00:00:00Z"),
  holds: [],
  aliases: [],
  rollbackOf: [],
  ...{ live: none, held: none, rollbacks: none, returning: none, drafts: none, jobs: none },
  isReturning: false,
};
const rule = { states: ["retired" as const], ageDays: 10, isEnabled: true };
const codes = (...given: Parameters<typeof whyKept>) => whyKept(...given).map(({ code }) => code);

describe("what a rule takes", () => {
  it("is what it names, long enough in that state, and nothing that may come back", () => {
    expect(codes(rule, facts, limits)).toEqual([]);
    expect(codes({ ...rule, ageDays: 28 }, facts, limits)).toEqual(["retention_age"]);
    expect(codes(rule, facts, { ...limits, minimumDays: 28 })).toEqual(["retention_age"]);
    expect(codes(rule, { ...facts, state: "draft" }, limits)).toEqual(["rule_state"]);
    expect(codes({ ...rule, states: ["recalled"] }, { ...facts, state: "recalled", isReturning: true }, limits)).toEqual([
      "recall_in_force",
    ]);
  });

  it("is never more than a purge by hand could take, whatever the rule and the version", () => {
    fc.assert(
      fc.property(
        fc.subarray([...CLEAN_UP_STATES], { minLength: 1 }),
        fc.constantFrom(...VERSION_STATES),
        fc.record({ live: fc.nat(1), held: fc.nat(1), rollbacks: fc.nat(1), returning: fc.nat(1), drafts: fc.nat(1), jobs: fc.nat(1) }),
        fc.subarray(["champion"]),
        fc.boolean(),
        (states, state, counts, aliases, isHeld) => {
          const share = (own: number) => ({ own, others: 0, named: [] });
          const dependents = {
            live: share(counts.live),
            held: share(counts.held),
            rollbacks: share(counts.rollbacks),
            returning: share(counts.returning),
            drafts: share(counts.drafts),
            jobs: share(counts.jobs),
          };
          const holds = isHeld ? [{ id: "hld_1", kind: "version" as const }] : [];
          const version = { ...facts, ...dependents, state, aliases, holds };
          if (codes({ ...rule, states }, version, limits).length > 0) return;
          expect(checkPurge(version, limits)).toEqual([]);
          expect(states).toContain(state);
          expect(LIVE_STATES).not.toContain(state);
        },
      ),
    );
  });

  it("speaks only of states that can be purged and lead to nothing but use", () => {
    for (const state of CLEAN_UP_STATES) {
      expect(PURGEABLE_STATES).toContain(state);
      expect(VERSION_MOVES[state].filter((to) => to === "released" || to === "deprecated")).toEqual([]);
    }
  });
});

describe("carrying a rule out", () => {
  const claim = { isEnabled: true, isRunning: false, graph: "a", graphNow: "a", versions: 3 };
  const refused = (change: Partial<typeof claim>) => checkCleanUp({ ...claim, ...change }).map(({ code }) => code);

  it("is refused when it is off, under way, empty, or not what the preview showed", () => {
    expect(refused({})).toEqual([]);
    expect(refused({ isEnabled: false, isRunning: true })).toEqual(["rule_disabled", "clean_up_running"]);
    expect(refused({ graphNow: "b", versions: 0 })).toEqual(["graph_changed"]);
    expect(refused({ versions: 0 })).toEqual(["nothing_selected"]);
  });

  it("is for the platform's administrators, whose rules keep to the installation's minimum", () => {
    expect(whyNotCleanUp({ institution: "platform", roles: ["platform_admin"] })).toBeNull();
    expect(whyNotCleanUp({ institution: "platform", roles: ["platform_engineer"] })).not.toBeNull();
    expect(whyNotCleanUp(aViewer())).not.toBeNull();
    expect(checkCleanUpRule({ ageDays: 29 }, 30).map(({ code }) => code)).toEqual(["rule_age"]);
    expect(checkCleanUpRule({ ageDays: 30 }, 30)).toEqual([]);
  });
});
