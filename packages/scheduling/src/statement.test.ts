import { JobId, SPLIT_RULES } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Charged, drawStatements, type MonthFacts, sumsOf } from "./statement.js";

const NAMES = ["eastbank", "northbank", "southbank", "gonebank", "platform"] as const;

function charged(institution: string, cost: number, more: Partial<Charged> = {}): Charged {
  return {
    institution,
    kind: cost < 0 ? "correction" : "job",
    job: JobId.parse(`job_${"0".repeat(32)}`),
    model: "foundation/base",
    version: null,
    scenario: null,
    unit: "cpu",
    milliseconds: 1000,
    cost,
    lateFor: null,
    reason: "",
    ...more,
  };
}

/** `gonebank` was erased before the month: it pays no part of what is shared. */
function aMonth(costs: readonly Charged[], stored: MonthFacts["stored"] = []): MonthFacts {
  const payers = NAMES.slice(0, 3).map((institution) => ({ institution, milliseconds: 1000, versions: new Map<string, number>() }));
  return { month: "2026-03", charged: costs, stored, sharer: "platform", payers };
}

describe("the statements of a month", () => {
  it("add up to what was metered, whoever was charged and by whichever rule the rest is split", () => {
    const cost = fc.record({ institution: fc.constantFrom(...NAMES), cost: fc.integer({ min: -5000, max: 100_000 }) });
    const law = fc.property(
      fc.array(cost, { maxLength: 20 }),
      fc.array(cost, { maxLength: 5 }),
      fc.constantFrom(...SPLIT_RULES),
      (jobs, bytes, rule) => {
        const facts = aMonth(
          jobs.map((one) => charged(one.institution, one.cost)),
          bytes.map(({ institution, cost: amount }) => ({ institution, gibMonths: 1, cost: Math.abs(amount) })),
        );
        const { metered, institutions } = sumsOf(facts, rule);
        expect(institutions.reduce((sum, { total }) => sum + total, 0)).toBe(metered);
        expect(new Set(institutions.map(({ institution }) => institution)).size).toBe(institutions.length);
      },
    );
    fc.assert(law, { numRuns: 500 });
  });

  it("have the late correction of an institution that was gone before, without a part of what is shared", () => {
    const facts = aMonth([charged("platform", 300), charged("gonebank", -40, { lateFor: "2026-01" }), charged("northbank", 10)]);
    const gone = drawStatements(facts, "equal").find(({ institution }) => institution === "gonebank");
    expect(gone).toMatchObject({ own: -40, shared: 0, total: -40 });
    expect(gone?.lines).toHaveLength(1);
    expect(drawStatements(facts, null).find(({ institution }) => institution === "gonebank")?.total).toBe(-40);
    expect(drawStatements(facts, "equal").map(({ institution, shared }) => [institution, shared])).toEqual([
      ["eastbank", 100],
      ["northbank", 100],
      ["southbank", 100],
      ["gonebank", 0],
    ]);
  });
});
