import type { Terms } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { checkDeprecation, type DeprecationClaim, type Standing, supportEnd, supportStep, termCauses } from "./standing.js";

const free: Terms = { commercialUse: true, redistribution: true, regions: [] };
const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const family = (...members: (Partial<Standing> & { readonly ref: string })[]): ReadonlyMap<string, Standing> =>
  new Map(members.map((member) => [member.ref, { effectiveTerms: free, endsAt: null, parents: [], ...member }]));

describe("what causes a limit", () => {
  const closed = { ...free, commercialUse: false };

  it("names nothing where nothing is limited", () => {
    expect(termCauses("task", family({ ref: "task", parents: ["base"] }, { ref: "base" }))).toEqual([]);
  });

  it("names the ancestor at which the limit begins, not those that hand it on", () => {
    const chain = family(
      { ref: "task", effectiveTerms: closed, parents: ["finance"] },
      { ref: "finance", effectiveTerms: closed, parents: ["base", "free"] },
      { ref: "base", effectiveTerms: closed },
      { ref: "free" },
    );
    expect(termCauses("task", chain)).toEqual([{ term: "commercialUse", version: "base" }]);
  });

  it("names both parents where both bring it, and the version itself where it begins there", () => {
    const merged = family(
      { ref: "merged", effectiveTerms: { ...closed, redistribution: false }, parents: ["a", "b"] },
      { ref: "a", effectiveTerms: closed },
      { ref: "b", effectiveTerms: closed },
    );
    expect(termCauses("merged", merged)).toEqual([
      { term: "commercialUse", version: "a" },
      { term: "commercialUse", version: "b" },
      { term: "redistribution", version: "merged" },
    ]);
  });

  it("names every version that narrows the regions further", () => {
    const chain = family(
      { ref: "task", effectiveTerms: { ...free, regions: ["cn"] }, parents: ["finance"] },
      { ref: "finance", effectiveTerms: { ...free, regions: ["cn", "hk"] }, parents: ["base"] },
      { ref: "base", effectiveTerms: { ...free, regions: ["cn", "hk"] } },
    );
    expect(termCauses("task", chain)).toEqual([
      { term: "regions", version: "base" },
      { term: "regions", version: "task" },
    ]);
  });
});

describe("the end of support", () => {
  const chain = (base: Date | null, own: Date | null) =>
    family(
      { ref: "task", parents: ["finance"], endsAt: own },
      { ref: "finance", parents: ["base"] },
      { ref: "base", endsAt: base },
      { ref: "aside", endsAt: day(1) },
    );

  it("is the earliest along the ancestry, with the version that states it", () => {
    expect(supportEnd("task", chain(day(10), day(20)))).toEqual({ endsAt: day(10), version: "base" });
    expect(supportEnd("task", chain(day(30), day(20)))).toEqual({ endsAt: day(20), version: "task" });
    expect(supportEnd("task", chain(null, null))).toBeNull();
  });

  it("changes for exactly the descendants of the version whose date is moved", () => {
    for (const ref of ["task", "finance", "base"]) expect(supportEnd(ref, chain(day(5), null))?.endsAt).toEqual(day(5));
    expect(supportEnd("aside", chain(day(5), null))?.endsAt).toEqual(day(1));
  });
});

describe("a deprecation", () => {
  const successor = { ref: "finance/ledger@2", tier: "finance", state: "released", endsAt: null } as const;
  const claim: DeprecationClaim = { ref: "finance/ledger@1", tier: "finance", endsAt: day(20), now: day(1), successor };
  const codes = (change: Partial<DeprecationClaim>) => checkDeprecation({ ...claim, ...change }).map(({ code }) => code);

  it("may name a released successor of the same tier that lasts longer, or none", () => {
    expect(codes({})).toEqual([]);
    expect(codes({ successor: undefined, endsAt: null })).toEqual([]);
    expect(codes({ successor: { ...successor, endsAt: day(21) } })).toEqual([]);
  });

  it.each([
    ["ends_at", { endsAt: day(1) }],
    ["successor_unknown", { successor: null }],
    ["successor_self", { successor: { ...successor, ref: claim.ref } }],
    ["successor_tier", { successor: { ...successor, tier: "foundation" as const } }],
    ["successor_state", { successor: { ...successor, state: "deprecated" as const } }],
    ["successor_ends", { successor: { ...successor, endsAt: day(20) } }],
    ["successor_ends", { endsAt: null, successor: { ...successor, endsAt: day(200) } }],
  ] as const)("is refused with %s", (code, change) => {
    expect(codes(change)).toEqual([code]);
  });
});

it.each([
  [100, 0],
  [90, 1],
  [30.5, 1],
  [7, 3],
  [0.5, 3],
  [-2, 4],
])("an end %s days off is at step %s of 90, 30, 7 and 0 days, whatever their order", (days, step) => {
  const now = new Date("2026-11-28T00:00:00Z");
  const end = new Date(now.getTime() + days * 86_400_000);
  expect([supportStep(end, now, [90, 30, 7, 0]), supportStep(end, now, [0, 30, 90, 7])]).toEqual([step, step]);
});
