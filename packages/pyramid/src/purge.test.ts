import { VERSION_STATES } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aViewer } from "./builders.js";
import { checkPurge, PURGEABLE_STATES, type PurgeFacts, whyNotPurge } from "./purge.js";
import { LIVE_STATES } from "./version-states.js";

const none = { own: 0, others: 0, named: [] };
const now = new Date("2026-11-28T00:00:00Z");
const limits = { minimumCount: 5, minimumDays: 0, now };
const free: PurgeFacts = {
  state: "retired",
  isPurged: false,
  since: new Date("2026-11-01T00:00:00Z"),
  holds: [],
  aliases: [],
  rollbackOf: [],
  live: none,
  held: none,
  rollbacks: none,
  returning: none,
  drafts: none,
  jobs: none,
};
const codes = (change: Partial<PurgeFacts>) => checkPurge({ ...free, ...change }, limits).map(({ code }) => code);

describe("what keeps a version", () => {
  it("lets go of what nothing needs, in exactly the states that are out of use", () => {
    const allowed = VERSION_STATES.filter((state) => codes({ state }).length === 0);
    expect(allowed.sort()).toEqual([...PURGEABLE_STATES].sort());
    expect(allowed.filter((state) => LIVE_STATES.includes(state))).toEqual([]);
    expect(codes({ state: null })).toEqual([]);
  });

  it("names everything in the way at once", () => {
    const one = { own: 1, others: 0, named: ["northbank/cards@2"] };
    const all: PurgeFacts = {
      state: "released",
      isPurged: true,
      since: free.since,
      holds: (["version", "model", "institution", "model"] as const).map((kind, n) => ({ kind, id: `hold ${n}` })),
      aliases: ["champion"],
      rollbackOf: ["candidate"],
      ...{ live: one, held: one, rollbacks: one, returning: one, drafts: one, jobs: one },
    };
    expect(checkPurge(all, { ...limits, minimumDays: 365 }).map(({ code }) => code)).toEqual([
      ...[
        "purged",
        "live_state",
        "retention_age",
        "held",
        "held",
        "held",
        "alias",
        "rollback_target",
        "ancestor_of_live",
        "ancestor_of_held",
      ],
      ...["ancestor_of_rollback", "ancestor_of_withdrawn", "ancestor_of_draft", "used_by_job"],
    ]);
  });

  it("lets any one reason be enough", () => {
    const shares = ["live", "held", "rollbacks", "returning", "drafts", "jobs"] as const;
    for (const share of shares) expect(codes({ [share]: { own: 0, others: 1, named: [] } })).toHaveLength(1);
  });
});

describe("what is told", () => {
  it("names the objects: the hold, the alias, and the first of what stands on it", () => {
    const [held] = checkPurge({ ...free, holds: [{ id: "hld_1", kind: "model" }] }, limits);
    expect(held).toMatchObject({ code: "held", objects: ["hld_1"], detail: expect.stringContaining("hld_1") });
    const [live] = checkPurge({ ...free, live: { own: 4, others: 0, named: ["northbank/cards@2"] } }, limits);
    expect(live?.detail).toBe("4 versions in use stand on it; retire those first (northbank/cards@2, …)");
  });

  it("keeps a thing for the minimum of days since it came into its state, to the moment", () => {
    const [kept] = checkPurge(free, { ...limits, minimumDays: 28 });
    expect(kept).toMatchObject({ code: "retention_age", detail: expect.stringContaining("2026-11-29T00:00:00.000Z") });
    expect(checkPurge(free, { ...limits, minimumDays: 27 })).toEqual([]);
  });
});

describe("counts of other institutions", () => {
  it("are told only from the minimum on, and never hide that something is there", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 10 }), (own, others, minimum) => {
        const [blocker] = checkPurge({ ...free, live: { own, others, named: [] } }, { ...limits, minimumCount: minimum });
        expect(blocker !== undefined).toBe(own + others > 0);
        if (others > 0 && others < minimum) {
          expect(blocker).toMatchObject({ count: null, withheld: true });
          expect(blocker?.detail).not.toMatch(/\d/);
        } else if (blocker !== undefined) expect(blocker.count).toBe(own + others);
      }),
    );
  });
});

describe("who may purge", () => {
  it("is an administrator at home; not who made it, not a reviewer, not the platform at an institution's", () => {
    expect(whyNotPurge(aViewer(), "northbank")).toBeNull();
    expect(whyNotPurge(aViewer({ institution: "platform", roles: ["platform_admin"] }), "platform")).toBeNull();
    expect(whyNotPurge(aViewer({ institution: "platform", roles: ["platform_admin"] }), "northbank")).not.toBeNull();
    expect(whyNotPurge(aViewer({ roles: ["institution_member", "compliance_reviewer"] }), "northbank")).not.toBeNull();
    expect(whyNotPurge(aViewer({ institution: "southbank" }), "northbank")).not.toBeNull();
  });
});
