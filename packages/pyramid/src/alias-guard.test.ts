import { describe, expect, it } from "vitest";
import { checkAliasChange, checkAliasReason, checkAliasRight, checkApproval, checkGuard, checkWithdrawal, guardOf } from "./alias-guard.js";
import { anActor, aViewer } from "./builders.js";
import { checkApprover } from "./separation.js";
import { testPolicy } from "./test-policy.js";

const policy = { ...testPolicy, releasers: ["institution_admin", "compliance_reviewer"] as const };
const admin = aViewer();
const reviewer = aViewer({ roles: ["compliance_reviewer"] });
const guard = { roles: ["compliance_reviewer" as const], secondPerson: false };
const codes = (broken: readonly { code: string }[]) => broken.map(({ code }) => code);

describe("what guards a name", () => {
  it("is what was stated, else the default of champion, else nothing", () => {
    expect(guardOf(policy, "champion", null)).toEqual({ roles: ["institution_admin", "compliance_reviewer"], secondPerson: false });
    expect(guardOf(policy, "champion", guard)).toBe(guard);
    expect(guardOf(policy, "shadow", null)).toBeNull();
    expect(guardOf(policy, "shadow", guard)).toBe(guard);
  });

  it("names releasers only, and one that its author holds", () => {
    expect(codes(checkGuard(policy, reviewer, guard))).toEqual([]);
    expect(codes(checkGuard(policy, admin, guard))).toEqual(["alias_lockout"]);
    expect(codes(checkGuard(policy, admin, { roles: ["institution_admin", "auditor"], secondPerson: false }))).toEqual(["alias_roles"]);
  });
});

describe("changing a name", () => {
  it("is for releasers at home, and of those for whom the guard names", () => {
    expect(codes(checkAliasRight(policy, admin, "northbank", null))).toEqual([]);
    expect(codes(checkAliasRight(policy, admin, "northbank", guard))).toEqual(["role"]);
    expect(codes(checkAliasRight(policy, reviewer, "northbank", guard))).toEqual([]);
    expect(codes(checkAliasRight(policy, reviewer, "southbank", guard))).toEqual(["role"]);
    expect(codes(checkAliasRight(policy, aViewer({ roles: ["institution_member"] }), "northbank", null))).toEqual(["role"]);
  });

  it("is nobody's alone where a second person is asked for", () => {
    expect(codes(checkAliasChange(policy, reviewer, "northbank", { ...guard, secondPerson: true }))).toEqual(["second_person"]);
    expect(codes(checkAliasChange(policy, admin, "northbank", { ...guard, secondPerson: true }))).toEqual(["role", "second_person"]);
  });

  it("gives a reason where the name is protected", () => {
    expect(codes(checkAliasReason(guard, "  "))).toEqual(["reason_required"]);
    expect(codes(checkAliasReason(guard, "better"))).toEqual([]);
    expect(codes(checkAliasReason(null, ""))).toEqual([]);
  });
});

describe("deciding a proposal", () => {
  const both = { roles: ["institution_admin" as const], secondPerson: true };
  const of = (state: "pending" | "approved" | "withdrawn", isViewersOwn: boolean) => ({
    state,
    ownWork: checkApprover("alias_change", isViewersOwn ? [{ kind: "proposed", by: anActor("ann") }] : [], anActor("ann")),
  });

  it("approves once, by somebody else who may change the name", () => {
    expect(codes(checkApproval(policy, admin, "northbank", both, of("pending", false)))).toEqual([]);
    expect(codes(checkApproval(policy, admin, "northbank", both, of("pending", true)))).toEqual(["same_person"]);
    expect(codes(checkApproval(policy, admin, "northbank", both, of("approved", false)))).toEqual(["proposal_state"]);
    expect(codes(checkApproval(policy, reviewer, "northbank", both, of("withdrawn", true)))).toEqual([
      "role",
      "proposal_state",
      "same_person",
    ]);
  });

  it("lets its author take it back, once", () => {
    expect(codes(checkWithdrawal(policy, admin, "northbank", both, of("pending", true)))).toEqual([]);
    expect(codes(checkWithdrawal(policy, admin, "northbank", both, of("withdrawn", true)))).toEqual(["proposal_state"]);
    expect(codes(checkWithdrawal(policy, reviewer, "northbank", both, of("pending", false)))).toEqual(["role"]);
  });
});
