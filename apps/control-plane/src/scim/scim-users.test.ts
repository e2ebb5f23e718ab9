import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, type TestPlatform } from "../../test/harness.js";
import { aDirectory, at, type Directory, ERROR, find, PATCH, patch, SCIM, USER, user } from "../../test/scim-fixtures.js";

let directory: Directory;
let platform: TestPlatform;
let bank: Client;
let other: Client;
beforeAll(async () => {
  directory = await aDirectory();
  ({ platform, bank, other } = directory);
});
afterAll(() => platform?.close());

const entries = (object: string) =>
  asSystem<{ action: string }>(platform, "select action from audit_entries where object = $1 order by id", [object]);

describe("a joiner", () => {
  it("is answered with address, version and what was said, in the protocol's own type", async () => {
    const name = { givenName: "Ada", familyName: "Byron" };
    const { answer, id, userName } = await directory.joined({
      externalId: "x-1",
      name,
      nickName: "unknown here",
      "urn:example:Thing": { a: 1 },
    });
    expect(answer.headers.get("content-type")).toBe("application/scim+json; charset=utf-8");
    expect(answer.headers.get("location")).toBe(`${platform.url}${at(id)}`);
    expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
    expect(answer.body).toEqual({
      schemas: [USER],
      id,
      externalId: "x-1",
      userName,
      name,
      active: true,
      meta: {
        resourceType: "User",
        created: expect.any(String),
        lastModified: expect.any(String),
        location: expect.any(String),
        version: expect.stringMatching(/^W\/"/),
      },
    });
    const again = await bank.get(at(id));
    expect([again.status, again.body]).toEqual([200, answer.body]);
    expect((await bank.get(at(id), { "if-none-match": answer.body.meta.version })).status).toBe(304);
    expect((await entries(id)).map(({ action }) => action)).toEqual(["member.add"]);
  });

  it("has no role and no password, whatever the request says", async () => {
    const { id, userName } = await directory.joined({
      password: "a long enough password",
      roles: [{ value: "institution_admin" }],
      groups: [{ value: "x" }],
      institution: "other",
    });
    expect((await platform.signIn(userName, "a long enough password")).status).toBe(401);
    const [row] = await asSystem<{ password_hash: string | null; roles: string[]; institution_id: string }>(
      platform,
      "select password_hash, roles, institution_id from users where id = $1",
      [id],
    );
    expect(row).toEqual({ password_hash: null, roles: [], institution_id: bank.viewer.institutionId });
  });

  it("signs in once an administrator gave a password, and must then choose another", async () => {
    const { id, userName } = await directory.joined();
    expect((await bank.get(paths.memberSignIn("bank", id))).body).toMatchObject({ hasPassword: false, mustChangePassword: false });
    const given = await bank.post(paths.memberPassword("bank", id));
    expect(given.status, given.text).toBe(201);
    const session = await platform.signIn(userName, given.body.oneTimePassword);
    expect(session.status).toBe(200);
    const me = await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie });
    expect(me.body).toMatchObject({ email: userName, mustChangePassword: true, roles: [] });
    expect([
      (await other.post(paths.memberPassword("bank", id))).status,
      (await platform.admin.post(paths.memberPassword("bank", id))).status,
    ]).toEqual([404, 403]);
    expect((await bank.post(paths.memberPassword("bank", bank.viewer.userId))).status).toBe(403);
    const ways = paths.memberSignIn("bank", id);
    expect((await bank.get(ways)).body).toEqual({ hasPassword: true, mustChangePassword: true, hasApp: false, passkeys: 0 });
    expect([(await other.get(ways)).status, (await platform.admin.get(ways)).status]).toEqual([404, 403]);
  });

  it("is refused twice in one institution, and not told of in another", async () => {
    const { userName } = await directory.joined();
    const again = await bank.post(`${SCIM}/Users`, user(userName.toUpperCase()));
    expect([again.status, again.body]).toEqual([
      409,
      { schemas: [ERROR], status: "409", scimType: "uniqueness", detail: expect.any(String) },
    ]);
    expect((await other.post(`${SCIM}/Users`, user(userName))).status).toBe(201);
  });

  it("comes once of two that are sent at the same time", async () => {
    const userName = directory.address();
    const answers = await Promise.all([1, 2, 3, 4].map(() => bank.post(`${SCIM}/Users`, user(userName))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it.each([
    ["no address", user("")],
    ["an address that is none", user("not an address")],
    ["another schema", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], userName: "a@bank.example" }],
    ["a list", [1]],
    ["a text for true", user("a@bank.example", { active: "perhaps" })],
    ["a NUL", user("a@bank.example", { displayName: "a\u0000b" })],
    ["half a character", user("a@bank.example", { displayName: "a\ud800b" })],
    ["a text too long", user("a@bank.example", { externalId: "x".repeat(1001) })],
    ["an object for a text", user("a@bank.example", { displayName: { a: 1 } })],
  ])("is refused with %s", async (_, body) => {
    const answer = await bank.post(`${SCIM}/Users`, body);
    expect([answer.status, answer.body.schemas, answer.body.status]).toEqual([400, [ERROR], "400"]);
  });
});

describe("a mover", () => {
  it("is replaced as a whole, and the same again changes nothing and is not noted", async () => {
    const { id, userName } = await directory.joined({ externalId: "x", displayName: "Before" });
    const body = user(userName, { displayName: "After", emails: [{ value: "after@bank.example", type: "work", primary: true }] });
    const first = await bank.put(at(id), body);
    expect([first.status, first.body.displayName, first.body.externalId]).toEqual([200, "After", undefined]);
    const second = await bank.put(at(id), body);
    expect(second.body).toEqual(first.body);
    expect((await entries(id)).map(({ action }) => action)).toEqual(["member.add", "member.change"]);
    expect((await bank.get(`${paths.members("bank")}?limit=200`)).body.data.find((one: { id: string }) => one.id === id).name).toBe(
      "After",
    );
  });

  it.each([
    ["replace of one value", { op: "replace", path: "displayName", value: "New" }, { displayName: "New" }],
    [
      "values without a path",
      { op: "Add", value: { "name.givenName": "Ada", externalid: "e" } },
      { name: { givenName: "Ada" }, externalId: "e" },
    ],
    [
      "a filter that nothing fits yet",
      { op: "Add", path: 'emails[type eq "work"].value', value: "w@bank.example" },
      { emails: [{ type: "work", value: "w@bank.example" }] },
    ],
    ["a full name of an attribute", { op: "replace", path: `${USER}:name.familyName`, value: "Byron" }, { name: { familyName: "Byron" } }],
    ["one value for several", { op: "add", path: "emails", value: { value: "a@bank.example" } }, { emails: [{ value: "a@bank.example" }] }],
    ["an attribute that is not kept", { op: "replace", path: "nickName", value: "x" }, {}],
    [
      "another schema's attribute",
      { op: "replace", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", value: "x" },
      {},
    ],
  ])("is patched by %s", async (_, operation, expected) => {
    const { id } = await directory.joined();
    const answer = await bank.patch(at(id), patch(operation));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject(expected);
    expect((await bank.patch(at(id), patch({ ...operation, op: "replace" }))).status).toBe(200);
  });

  it.each([
    ["the id", { op: "replace", path: "id", value: "usr_1" }, "mutability"],
    ["the groups", { op: "add", path: "groups", value: [{ value: "x" }] }, "mutability"],
    ["no address", { op: "remove", path: "userName" }, "mutability"],
    ["an unknown operation", { op: "move", path: "userName", value: "x" }, "invalidSyntax"],
    ["a broken path", { op: "replace", path: "emails[", value: "x" }, "invalidPath"],
    ["a filter on one value", { op: "replace", path: 'name[givenName eq "x"].familyName', value: "x" }, "invalidPath"],
    ["a filter on what is not ours", { op: "add", path: 'emails[__proto__ eq "x"].value', value: "x" }, "invalidPath"],
    ["a deep filter", { op: "add", path: `emails[${"(".repeat(40)}value eq "x"${")".repeat(40)}].value`, value: "x" }, "invalidFilter"],
    ["removing nothing named", { op: "remove" }, "noTarget"],
  ])("is not patched by %s", async (_, operation, scimType) => {
    const { id } = await directory.joined();
    const answer = await bank.patch(at(id), patch(operation));
    expect([answer.status, answer.body.scimType], answer.text).toEqual([400, scimType]);
  });

  it("leaves the objects of the platform alone, whatever a patch names", async () => {
    const { id } = await directory.joined();
    const names = ["__proto__.polluted", "constructor.prototype.polluted", "name.__proto__.polluted"];
    for (const path of names) await bank.patch(at(id), patch({ op: "add", path, value: "yes" }));
    const raw = `{"schemas":["${PATCH}"],"Operations":[{"op":"add","value":{"__proto__":{"polluted":"yes"}}},{"op":"add","path":"name","value":{"__proto__":{"polluted":"yes"}}}]}`;
    await fetch(platform.url + at(id), {
      method: "PATCH",
      headers: { ...bank.headers, "content-type": "application/scim+json" },
      body: raw,
    });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("is changed only as its author saw it, where the author says what that was", async () => {
    const { id, answer } = await directory.joined();
    const seen = answer.body.meta.version;
    expect((await bank.patch(at(id), patch({ op: "replace", path: "displayName", value: "A" }), { "if-match": seen })).status).toBe(200);
    const late = await bank.patch(at(id), patch({ op: "replace", path: "displayName", value: "B" }), { "if-match": seen });
    expect([late.status, late.body.schemas]).toEqual([412, [ERROR]]);
    expect((await bank.put(at(id), user("x@bank.example"), { "if-match": seen })).status).toBe(412);
    expect((await bank.delete(at(id), { "if-match": seen })).status).toBe(412);
  });

  it("takes a new address without the password of the old one, and never one that is somebody else's", async () => {
    const { id, email } = await directory.member();
    const { userName } = await directory.joined();
    const taken = await bank.patch(at(id), patch({ op: "replace", path: "userName", value: userName }));
    expect([taken.status, taken.body.scimType]).toEqual([409, "uniqueness"]);
    const moved = directory.address();
    expect((await bank.patch(at(id), patch({ op: "replace", path: "userName", value: moved }))).body.userName).toBe(moved);
    expect([(await platform.signIn(email)).status, (await platform.signIn(moved)).status]).toEqual([401, 401]);
  });
});

describe("a leaver", () => {
  it.each([
    ["is made inactive by a patch", (id: string) => bank.patch(at(id), patch({ op: "Replace", path: "active", value: "False" }))],
    ["is made inactive by a replacement", (id: string, email: string) => bank.put(at(id), user(email, { active: false }))],
    ["is deleted", (id: string) => bank.delete(at(id))],
  ])("%s: sessions and tokens end at once", async (_, leave) => {
    const { id, email, client } = await directory.member();
    const session = await platform.signIn(email);
    expect((await client.get(paths.me())).status).toBe(200);
    expect((await leave(id, email)).status).toBeLessThan(300);
    expect((await client.get(paths.me())).status).toBe(401);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie })).status).toBe(401);
    expect((await platform.signIn(email)).status).toBe(401);
  });

  it("who was made inactive is shown as that, and comes back without password, roles and tokens of before", async () => {
    const { id, email, client } = await directory.member();
    const inactive = await bank.patch(at(id), patch({ op: "replace", path: "active", value: false }));
    expect([inactive.body.active, (await bank.get(at(id))).body.active]).toEqual([false, false]);
    expect((await find(bank, `userName eq "${email}" and active eq false`)).body.totalResults).toBe(1);
    const taken = await bank.post(`${SCIM}/Users`, user(email));
    expect([taken.status, taken.body.scimType]).toEqual([409, "uniqueness"]);
    const back = await bank.patch(at(id), patch({ op: "replace", path: "active", value: true }));
    expect([back.status, back.body.active]).toEqual([200, true]);
    expect([(await platform.signIn(email)).status, (await client.get(paths.me())).status]).toEqual([401, 401]);
    expect((await bank.get(`${paths.members("bank")}?limit=200`)).body.data.find((one: { id: string }) => one.id === id).roles).toEqual([]);
    expect((await entries(id)).map(({ action }) => action).filter((action) => action.startsWith("member."))).toEqual([
      "member.add",
      "member.remove",
      "member.return",
    ]);
  });

  it("who was deleted is gone, and deleted again is as unknown as anybody", async () => {
    const { id, userName } = await directory.joined();
    expect([(await bank.delete(at(id))).status, (await bank.delete(at(id))).status, (await bank.get(at(id))).status]).toEqual([
      204, 404, 404,
    ]);
    expect((await find(bank, `userName eq "${userName}"`)).body.totalResults).toBe(0);
    expect((await bank.post(`${SCIM}/Users`, user(userName))).status).toBe(201);
  });

  it("is not the last administrator, by whatever way", async () => {
    const id = bank.viewer.userId;
    for (const answer of [
      await bank.delete(at(id)),
      await bank.patch(at(id), patch({ op: "replace", path: "active", value: false })),
      await bank.put(at(id), user("boss@bank.example", { active: false })),
    ]) {
      expect([answer.status, answer.body.schemas, answer.body.detail]).toEqual([
        409,
        [ERROR],
        expect.stringContaining("last administrator"),
      ]);
    }
    expect((await bank.get(at(id))).body.active).toBe(true);
  });

  it("is not both of two administrators at the same moment", async () => {
    await platform.addInstitution("pair");
    const [one, two] = [
      await platform.addPerson("pair", "one@pair.example", "institution_admin"),
      await platform.addPerson("pair", "two@pair.example", "institution_admin"),
    ];
    const statuses = await Promise.all([one.delete(at(two.viewer.userId)), two.delete(at(one.viewer.userId))]);
    const left = await asSystem(platform, "select 1 from users where institution_id = $1 and removed_at is null", [
      one.viewer.institutionId,
    ]);
    expect([left.length, statuses.filter(({ status }) => status === 204).length]).toEqual([1, 1]);
  });
});
