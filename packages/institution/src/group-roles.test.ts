import { describe, expect, it } from "vitest";
import { rolesByGroups } from "./group-roles.js";

const nobody = { roles: [], byGroups: [] };

describe("roles by groups", () => {
  it("come with a group and go with the last that gives them", () => {
    const joined = rolesByGroups<string>(nobody, ["member", "auditor", "member"]);
    expect(joined).toEqual({ roles: ["member", "auditor"], byGroups: ["member", "auditor"] });
    expect(rolesByGroups(joined, ["auditor"])).toEqual({ roles: ["auditor"], byGroups: ["auditor"] });
    expect(rolesByGroups(joined, [])).toEqual(nobody);
  });

  it("leave what was given by hand, also where a group gives the same", () => {
    const byHand = { roles: ["admin"], byGroups: [] };
    const both = rolesByGroups<string>(byHand, ["admin", "member"]);
    expect(both).toEqual({ roles: ["admin", "member"], byGroups: ["member"] });
    expect(rolesByGroups(both, [])).toEqual(byHand);
  });

  it("take nothing twice: the same groups again change nothing", () => {
    const once = rolesByGroups<string>({ roles: ["admin"], byGroups: [] }, ["member"]);
    expect(rolesByGroups(once, ["member"])).toEqual(once);
  });
});
