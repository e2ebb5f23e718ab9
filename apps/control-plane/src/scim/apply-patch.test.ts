import { describe, expect, it } from "vitest";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { patched } from "./apply-patch.js";
import { GROUP, USER } from "./attributes.js";
import type { Json } from "./read-resource.js";

const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const work = { value: "ada@work.example", type: "work", primary: true };
const home = { value: "ada@home.example", type: "home" };
const ada = { userName: "ada@work.example", name: { givenName: "Ada", familyName: "Byron" }, emails: [work, home] };
const apply = (before: Json, ...Operations: object[]) => patched(USER, before, { schemas: [PATCH], Operations });
const applyToGroup = (before: Json, ...Operations: object[]) => patched(GROUP, before, { schemas: [PATCH], Operations });
const refusal = (...operations: object[]) => {
  try {
    return apply(ada, ...operations);
  } catch (error) {
    return error instanceof ScimRefusal ? error.scimType : error;
  }
};

describe("a patch of one value", () => {
  it("of a complex attribute leaves what is not named, whether it adds or replaces", () => {
    for (const op of ["add", "replace"]) {
      expect(apply(ada, { op, path: "name", value: { givenName: "Augusta" } }).name).toEqual({ givenName: "Augusta", familyName: "Byron" });
      expect(apply(ada, { op, value: { name: { formatted: "A." } } }).name).toEqual({ ...ada.name, formatted: "A." });
    }
  });

  it("leaves no empty attribute behind", () => {
    const one = apply({ ...ada, name: { givenName: "Ada" } }, { op: "remove", path: "name.givenName" });
    expect(one).not.toHaveProperty("name");
    expect(apply(ada, { op: "replace", path: "name.givenName", value: null }).name).toEqual({ familyName: "Byron" });
    expect(apply(ada, { op: "replace", path: "emails", value: [] })).not.toHaveProperty("emails");
  });

  it("does not take what is required away", () => {
    expect(refusal({ op: "remove", path: "userName" })).toBe("mutability");
    expect(refusal({ op: "replace", path: "userName", value: null })).toBe("mutability");
    expect(refusal({ op: "replace", path: "userName", value: "" })).toBe("invalidValue");
  });
});

describe("a patch of several values", () => {
  it("adds what is not there yet, in whatever order its parts are written", () => {
    const again = { op: "add", path: "emails", value: [{ type: "home", value: home.value }] };
    expect(apply(ada, again).emails).toEqual([work, home]);
    const more = { value: "ada@other.example", type: "other" };
    expect(apply(ada, { op: "add", path: "emails", value: [more, more] }).emails).toEqual([work, home, more]);
    expect(apply(ada, { op: "replace", path: "emails", value: [more] }).emails).toEqual([more]);
  });

  it("keeps one primary value, the one that was made so last", () => {
    const third = { value: "ada@third.example", primary: true };
    expect(apply(ada, { op: "add", path: "emails", value: [third] }).emails).toEqual([{ ...work, primary: false }, home, third]);
    expect(apply(ada, { op: "replace", path: 'emails[type eq "home"].primary', value: true }).emails).toEqual([
      { ...work, primary: false },
      { ...home, primary: true },
    ]);
    expect(refusal({ op: "replace", path: "emails", value: [third, { ...third, value: "x@y.example" }] })).toBe("invalidValue");
  });

  it("finds values by a filter, names and texts in any case of letters", () => {
    const changed = [work, { ...home, value: "new@home.example" }];
    for (const path of ['emails[type eq "home"].value', 'EMAILS[Type EQ "HOME"].Value', "emails[not (primary eq true)].value"]) {
      expect(apply(ada, { op: "replace", path, value: "new@home.example" }).emails).toEqual(changed);
    }
    expect(apply(ada, { op: "remove", path: 'emails[type eq "work" or value ew "@home.example"]' })).not.toHaveProperty("emails");
    expect(apply(ada, { op: "remove", path: 'emails[type eq "home" and value pr].value' }).emails).toEqual([work, { type: "home" }]);
    expect(apply(ada, { op: "replace", path: 'emails[type eq "home"]', value: { value: "only@this.example" } }).emails).toEqual([
      work,
      { value: "only@this.example" },
    ]);
    expect(apply(ada, { op: "add", path: 'emails[type eq "home"]', value: { display: "At home" } }).emails).toEqual([
      work,
      { ...home, display: "At home" },
    ]);
  });

  it("makes a value that a filter of equalities asks for, and says where another filter fits none", () => {
    const bare = { userName: ada.userName };
    for (const op of ["add", "replace"]) {
      expect(apply(bare, { op, path: 'emails[type eq "work" and primary eq true].value', value: "a@b.example" }).emails).toEqual([
        { value: "a@b.example", type: "work", primary: true },
      ]);
    }
    expect(refusal({ op: "replace", path: 'emails[type eq "other"]', value: { value: "x@y.example" } })).toBe("noTarget");
    expect(refusal({ op: "replace", path: 'emails[value co "nobody"].value', value: "x@y.example" })).toBe("noTarget");
    expect(apply(ada, { op: "remove", path: 'emails[type eq "other"]' })).toEqual(ada);
  });

  it("takes the members away that a path or a value names, however much of them is written out", () => {
    const group = { displayName: "G", members: [{ value: "usr_1" }, { value: "usr_2" }, { value: "usr_3" }] };
    const left = [{ value: "usr_3" }];
    const gone = [{ value: "usr_1" }, { value: "usr_2", type: "User", $ref: "https://z.example/scim/v2/Users/usr_2", display: "Two" }];
    expect(applyToGroup(group, { op: "Remove", path: "members", value: gone }).members).toEqual(left);
    expect(
      applyToGroup(group, { op: "remove", path: 'members[value eq "usr_1"]' }, { op: "remove", path: 'members[value eq "usr_2"]' }).members,
    ).toEqual(left);
    expect(applyToGroup(group, { op: "remove", path: "members", value: [{ value: "usr_9" }] }).members).toEqual(group.members);
    expect(applyToGroup(group, { op: "remove", path: "members" })).not.toHaveProperty("members");
  });

  it("does not turn one member into another", () => {
    const change = { op: "replace", path: 'members[value eq "usr_1"].value', value: "usr_2" };
    expect(() => applyToGroup({ displayName: "G", members: [{ value: "usr_1" }] }, change)).toThrow(/members\.value/);
  });

  it("of ten thousand against ten thousand takes no time", () => {
    const many = (from: number) => Array.from({ length: 10_000 }, (_, index) => ({ value: `usr_${from + index}` }));
    const before = performance.now();
    const { members } = applyToGroup({ displayName: "G", members: many(0) }, { op: "remove", path: "members", value: many(1) });
    expect(members).toEqual([{ value: "usr_0" }]);
    expect(applyToGroup({ displayName: "G", members: many(0) }, { op: "remove", path: "members[value pr]" })).not.toHaveProperty("members");
    expect(applyToGroup({ displayName: "G", members: many(0) }, { op: "add", path: "members", value: many(0) }).members).toHaveLength(
      10_000,
    );
    expect(performance.now() - before).toBeLessThan(3000);
  });
});
