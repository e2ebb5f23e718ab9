import { HOLD_STATES } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anActor, aViewer } from "./builders.js";
import { checkHoldAction, HOLDING_ROLES, type HoldFacts, holdActionsFor, whyNotHold } from "./holds.js";
import { checkApprover } from "./separation.js";

const ann = aViewer({ roles: ["compliance_reviewer"] });
const ben = aViewer({ roles: ["institution_admin"] });
const hold: HoldFacts = { state: "in_force", setFor: "northbank", ownWork: [] };
const asked: HoldFacts = { ...hold, state: "lift_asked" };
/** The same as who asked for the lift sees it. */
const own: HoldFacts = { ...asked, ownWork: checkApprover("hold_lift", [{ kind: "proposed", by: anActor("ann") }], anActor("ann")) };
const codes = (...given: Parameters<typeof checkHoldAction>) => checkHoldAction(...given).map(({ code }) => code);

describe("who may hold what", () => {
  it("lets an institution's reviewers and administrators hold what is theirs, and nothing of another's", () => {
    expect(whyNotHold(ann, "northbank")).toBeNull();
    expect(whyNotHold(ann, "southbank")).toMatch("southbank");
    expect(whyNotHold(ann, "platform")).not.toBeNull();
    expect(whyNotHold(aViewer({ roles: ["institution_member", "auditor"] }), "northbank")).not.toBeNull();
  });

  it("lets the platform's administrators and reviewers hold anything, and its engineers nothing", () => {
    for (const role of ["platform_admin", "compliance_reviewer"] as const) {
      expect(whyNotHold(aViewer({ institution: "platform", roles: [role] }), "northbank")).toBeNull();
    }
    expect(whyNotHold(aViewer({ institution: "platform", roles: ["platform_engineer"] }), "northbank")).not.toBeNull();
  });
});

describe("lifting", () => {
  it("takes two people of the institution that set the hold", () => {
    expect(codes("ask_lift", hold, ann)).toEqual([]);
    expect(codes("confirm_lift", own, ann)).toEqual(["same_person"]);
    expect(codes("confirm_lift", asked, ben)).toEqual([]);
  });

  it("is closed to others: other institutions, other roles, and the platform where the institution set it", () => {
    for (const stranger of [
      { ...ben, institution: "southbank" },
      { ...ben, roles: ["institution_member" as const] },
      { institution: "platform", roles: ["platform_admin" as const] },
    ]) {
      expect(codes("confirm_lift", asked, stranger)).toEqual(["hold_role"]);
      expect(holdActionsFor(asked, stranger)).toEqual([]);
    }
    expect(codes("ask_lift", { ...hold, setFor: "platform" }, ben)).toEqual(["hold_role"]);
  });

  it("is withdrawn by either of the two, until it is done", () => {
    expect([ann, ben].map((person) => codes("withdraw_lift", asked, person))).toEqual([[], []]);
    expect(codes("withdraw_lift", { ...asked, state: "lifted" }, ann)).toEqual(["hold_state"]);
    expect(codes("withdraw_lift", hold, ann)).toEqual(["hold_state"]);
    expect(codes("ask_lift", asked, ben)).toEqual(["hold_state"]);
  });

  it("never offers the second word to the person who gave the first, whatever roles they hold", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HOLD_STATES),
        fc.subarray([...HOLDING_ROLES]),
        fc.constantFrom("northbank", "platform"),
        (state, roles, institution) => {
          const open = holdActionsFor({ ...own, state, setFor: institution }, { roles, institution });
          expect(open).not.toContain("confirm_lift");
          if (state === "lifted" || roles.length === 0) expect(open).toEqual([]);
        },
      ),
    );
  });
});
