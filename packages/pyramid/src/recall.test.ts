import { VERSION_STATES } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aViewer } from "./builders.js";
import { afterLift, checkRecall, escalationsDue, RECALLABLE_STATES, type RecallClaim, type RecallHold } from "./recall.js";
import { testPolicy } from "./test-policy.js";
import { VERSION_MOVES } from "./version-states.js";

const now = new Date("2026-05-03T00:00:00Z");
const inHours = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const claim: RecallClaim = { owner: "northbank", state: "released", isRecalled: false, acknowledgeBy: inHours(72), now };
const codes = (change: Partial<RecallClaim>, viewer = aViewer()) =>
  checkRecall(testPolicy, viewer, { ...claim, ...change }).map(({ code }) => code);

describe("who may recall what", () => {
  it("takes exactly the states from which the table knows a recall", () => {
    const fromTable = VERSION_STATES.filter((state) => VERSION_MOVES[state].includes("recalled"));
    expect([...RECALLABLE_STATES].sort()).toEqual([...fromTable].sort());
  });

  it("lets the owner's withdrawers and the platform's people, and nobody else", () => {
    expect(codes({})).toEqual([]);
    expect(codes({}, aViewer({ roles: ["platform_admin"], institution: "platform" }))).toEqual([]);
    expect(codes({}, aViewer({ institution: "southbank" }))).toEqual(["role"]);
    expect(codes({}, aViewer({ roles: ["institution_member"] }))).toEqual(["role"]);
  });

  it("names everything in the way at once", () => {
    expect(codes({ state: "draft", isRecalled: true, acknowledgeBy: now }, aViewer({ institution: "southbank" }))).toEqual([
      "role",
      "subject_state",
      "already_recalled",
      "deadline",
    ]);
    expect(codes({ state: "retired" })).toEqual(["subject_state"]);
    expect(codes({ acknowledgeBy: inHours(24 * 91) })).toEqual(["deadline"]);
  });
});

describe("lifting", () => {
  it("gives every version its first state back once the last recall lets go, in whatever order recalls come and go", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RECALLABLE_STATES, "recalled" as const),
        fc
          .integer({ min: 1, max: 6 })
          .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count })),
        (first, order) => {
          let state = first;
          let holds: RecallHold[] = [];
          for (const recall of [...order].sort()) {
            holds.push({ recall: `${recall}`, before: state });
            state = "recalled";
          }
          for (const recall of order) {
            const lifted = holds.find((hold) => hold.recall === `${recall}`);
            holds = holds.filter((hold) => hold !== lifted);
            if (lifted === undefined) throw new Error("every recall is lifted once");
            const after = afterLift(lifted, holds);
            if ("restore" in after) state = after.restore;
            else holds = holds.map((hold) => (hold.recall === after.handTo ? { ...hold, before: lifted.before } : hold));
            if (holds.length > 0) expect(state).toBe("recalled");
          }
          expect(state).toBe(first);
        },
      ),
    );
  });
});

describe("a deadline that was missed", () => {
  it("is passed on step by step", () => {
    const at = (hours: number) => escalationsDue(now, inHours(hours));
    expect([at(-1), at(0), at(23), at(24), at(71), at(72), at(9999)]).toEqual([0, 1, 1, 2, 2, 3, 3]);
  });
});
