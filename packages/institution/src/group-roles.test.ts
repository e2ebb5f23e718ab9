import type { Role, SharedTier } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { type BuiltIn, builtInByGroups, type GroupGrant, givenByGroups } from "./group-roles.js";

const nothing: BuiltIn = { roles: [], tiers: null };
const gives = (roles: readonly Role[], tiers: readonly SharedTier[] | null = null, customRoles: readonly string[] = []): GroupGrant => ({
  roles,
  customRoles,
  tiers,
});
/** What somebody holds after one change of groups after another. */
const after = (start: BuiltIn, ...steps: readonly GroupGrant[]) =>
  steps.reduce((now, given) => builtInByGroups(now.held, now.byGroups, given), { held: start, byGroups: nothing });

describe("roles by groups", () => {
  it("come with a group and go with the last that gives them", () => {
    const joined = after(nothing, gives(["institution_member", "auditor"]));
    expect(joined.held.roles).toEqual(["institution_member", "auditor"]);
    expect(builtInByGroups(joined.held, joined.byGroups, gives(["auditor"])).held.roles).toEqual(["auditor"]);
    expect(builtInByGroups(joined.held, joined.byGroups, gives([]))).toEqual({ held: nothing, byGroups: nothing });
  });

  it("leave what was given by hand, also where a group gives the same", () => {
    const byHand: BuiltIn = { roles: ["institution_admin"], tiers: null };
    expect(after(byHand, gives(["institution_admin", "auditor"]))).toEqual({
      held: { roles: ["institution_admin", "auditor"], tiers: null },
      byGroups: { roles: ["auditor"], tiers: null },
    });
    expect(after(byHand, gives(["institution_admin", "auditor"]), gives([])).held).toEqual(byHand);
  });

  it("take nothing twice: the same groups again change nothing", () => {
    const once = after({ roles: ["institution_admin"], tiers: null }, gives(["auditor"]));
    expect(builtInByGroups(once.held, once.byGroups, gives(["auditor"]))).toEqual(once);
  });
});

describe("tiers by groups", () => {
  const engineer = (...tiers: SharedTier[]) => gives(["platform_engineer"], tiers);

  it("are those that all groups of an engineer say, and go with the role", () => {
    expect(after(nothing, engineer("finance")).held).toEqual({ roles: ["platform_engineer"], tiers: ["finance"] });
    expect(after(nothing, engineer("finance"), engineer("foundation")).held.tiers).toEqual(["foundation"]);
    expect(after(nothing, engineer("finance"), gives(["auditor"])).held).toEqual({ roles: ["auditor"], tiers: null });
  });

  it("add up with those by hand, which are left when the group is gone", () => {
    const byHand: BuiltIn = { roles: ["platform_engineer"], tiers: ["foundation"] };
    expect(after(byHand, engineer("finance")).held.tiers).toEqual(["foundation", "finance"]);
    expect(after(byHand, engineer("finance"), gives([])).held).toEqual(byHand);
    expect(after({ ...byHand, tiers: null }, engineer("finance"), gives([])).held.tiers).toEqual(["foundation", "finance"]);
  });

  it("stay as they are where a group says nothing of them, and are narrowed once it does", () => {
    expect(after(nothing, gives(["platform_engineer"])).held.tiers).toBeNull();
    expect(after({ roles: ["platform_engineer"], tiers: ["finance"] }, gives(["platform_engineer"])).held.tiers).toEqual(["finance"]);
    expect(after(nothing, gives(["platform_engineer"]), engineer("finance")).held.tiers).toEqual(["finance"]);
  });

  it("never come to an engineer by a change that names none", () => {
    const all: readonly (readonly SharedTier[] | null)[] = [null, ["foundation"], ["finance"], ["foundation", "finance"]];
    for (const start of all) {
      for (const tiers of all) {
        const mapped = gives(["platform_engineer"], tiers);
        const said = new Set([...(start ?? ["foundation", "finance"]), ...(tiers ?? [])]);
        const { held } = after({ roles: ["platform_engineer"], tiers: start }, mapped);
        for (const tier of held.tiers ?? ["foundation", "finance"]) expect(said).toContain(tier);
      }
    }
  });
});

describe("what groups give together", () => {
  it("is each thing once; tiers only where every group of an engineer says some", () => {
    const role = `rol_${"0".repeat(32)}`;
    expect(givenByGroups([gives(["auditor"], null, [role]), gives(["auditor", "platform_engineer"], ["finance"], [role])])).toEqual({
      roles: ["auditor", "platform_engineer"],
      customRoles: [role],
      tiers: ["finance"],
    });
    expect(givenByGroups([gives(["platform_engineer"], ["finance"]), gives(["platform_engineer"])]).tiers).toBeNull();
    expect(givenByGroups([])).toEqual({ roles: [], customRoles: [], tiers: null });
  });
});
