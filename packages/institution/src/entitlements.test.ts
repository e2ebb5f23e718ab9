import { aModel, aRelease } from "@ziggurat/pyramid";
import { describe, expect, it } from "vitest";
import { checkGrant, entitlementState, type GrantClaim, mayDerive } from "./entitlements.js";

const codes = (violations: readonly { code: string }[]) => violations.map(({ code }) => code);
const day = (n: number) => new Date(Date.UTC(2027, 0, n));

describe("deriving from a shared line", () => {
  const entitled = { rights: ["see", "derive"], maxTaskModels: null, scenarios: null, taskModels: [] } as const;
  const of = (given: Partial<Parameters<typeof aRelease>[0] & object>["entitled"], model = aModel()) =>
    codes(mayDerive(model, aRelease({ entitled: given ?? null })));

  it("needs nothing where the line is open, and the right to derive where it is not", () => {
    expect(of(null)).toEqual([]);
    expect(of(entitled)).toEqual([]);
    expect(of({ ...entitled, rights: ["see", "serve"] })).toEqual(["not_entitled"]);
    expect(of({ ...entitled, rights: [] })).toEqual(["not_entitled"]);
  });

  it("stays within the scenarios and the number of task models that were agreed on", () => {
    expect(of({ ...entitled, scenarios: ["risk"] })).toEqual(["entitlement_scenario"]);
    expect(of({ ...entitled, scenarios: ["risk", "customer_service"] })).toEqual([]);
    const two = { ...entitled, maxTaskModels: 2, taskModels: ["northbank/a", "northbank/b"] };
    expect(of(two)).toEqual(["entitlement_limit"]);
    expect(of(two, aModel({ ref: "northbank/b" }))).toEqual([]);
    expect(of({ ...two, maxTaskModels: 3 })).toEqual([]);
    expect(of({ ...two, scenarios: ["risk"] })).toEqual(["entitlement_scenario", "entitlement_limit"]);
  });
});

describe("a grant", () => {
  const claim: GrantClaim = {
    subject: "finance/base",
    startsAt: day(10),
    endsAt: day(20),
    rights: ["derive"],
    isPlatform: false,
    found: { tier: "finance", state: null, supportEndsAt: null },
    others: [],
    now: day(5),
  };
  const of = (given: Partial<GrantClaim>) => codes(checkGrant({ ...claim, ...given }));
  const version = { tier: "finance", state: "released", supportEndsAt: null } as const;

  it("is of a shared line or a released version of one, to an institution", () => {
    expect(of({})).toEqual([]);
    expect(of({ found: version })).toEqual([]);
    expect(of({ found: null })).toEqual(["subject_unknown"]);
    expect(of({ found: { ...version, tier: "institution" } })).toEqual(["entitlement_shared"]);
    expect(of({ isPlatform: true })).toEqual(["entitlement_home"]);
    for (const state of ["draft", "sealed", "in_review", "retired", "quarantined", "recalled"] as const) {
      expect([state, of({ found: { ...version, state } })]).toEqual([state, ["entitlement_state"]]);
    }
  });

  it("ends after it starts, not in the past, and not after what it is granted of", () => {
    expect(of({ endsAt: day(10) })).toEqual(["ends_before_start"]);
    expect(of({ startsAt: day(1), endsAt: day(4) })).toEqual(["ends_in_past"]);
    expect(of({ found: { ...version, supportEndsAt: day(19) } })).toEqual(["entitlement_outlives"]);
    expect(of({ found: { ...version, supportEndsAt: day(20) } })).toEqual([]);
    expect(of({ found: { ...version, supportEndsAt: day(19) }, endsAt: null })).toEqual(["entitlement_outlives"]);
  });

  it("is the only one of its subject at any time", () => {
    const other = (from: number, to: number | null) => [{ id: "ent_1", startsAt: day(from), endsAt: to === null ? null : day(to) }];
    expect(of({ others: other(1, 10) })).toEqual([]);
    expect(of({ others: other(20, 30) })).toEqual([]);
    expect(of({ others: other(1, 11) })).toEqual(["entitlement_overlap"]);
    expect(of({ others: other(15, null) })).toEqual(["entitlement_overlap"]);
    expect(of({ others: other(25, null), endsAt: null })).toEqual(["entitlement_overlap"]);
  });
});

it("an entitlement is pending, in force, suspended or ended", () => {
  const one = { startsAt: day(10), endsAt: day(20), endedAt: null, isSuspended: false };
  expect(entitlementState(one, day(9))).toBe("pending");
  expect(entitlementState(one, day(10))).toBe("in_force");
  expect(entitlementState({ ...one, isSuspended: true }, day(11))).toBe("suspended");
  expect(entitlementState(one, day(20))).toBe("ended");
  expect(entitlementState({ ...one, endedAt: day(12), isSuspended: true }, day(13))).toBe("ended");
});
