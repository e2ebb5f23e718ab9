import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";

const SCIM = "/scim/v2";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

let platform: TestPlatform;
let bank: Client;
let other: Client;
let people = 0;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("bank");
  await platform.addInstitution("other");
  bank = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
  other = await platform.addPerson("other", "boss@other.example", "institution_admin");
});
afterAll(() => platform?.close());

function address(): string {
  people += 1;
  return `person-${people}@bank.example`;
}
const user = (userName: string, more: object = {}) => ({ schemas: [USER], userName, ...more });
const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations });
const at = (id: string) => `${SCIM}/Users/${id}`;
const find = (client: Client, filter: string, more = "") => client.get(`${SCIM}/Users?filter=${encodeURIComponent(filter)}${more}`);
async function joined(more: object = {}, client = bank): Promise<{ id: string; userName: string; answer: Answer }> {
  const userName = address();
  const answer = await client.post(`${SCIM}/Users`, user(userName, more));
  expect(answer.status, answer.text).toBe(201);
  return { id: answer.body.id, userName, answer };
}
/** A member who signs in with a password and has a token, as the directory finds them. */
async function member() {
  const email = address();
  const client = await platform.addPerson("bank", email, "institution_member");
  return { email, client, id: client.viewer.userId };
}
const entries = (object: string) =>
  asSystem<{ action: string }>(platform, "select action from audit_entries where object = $1 order by id", [object]);

describe("a joiner", () => {
  it("is answered with address, version and what was said, in the protocol's own type", async () => {
    const name = { givenName: "Ada", familyName: "Byron" };
    const { answer, id, userName } = await joined({ externalId: "x-1", name, nickName: "unknown here", "urn:example:Thing": { a: 1 } });
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
    const { id, userName } = await joined({
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
    const { id, userName } = await joined();
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
  });

  it("is refused twice in one institution, and not told of in another", async () => {
    const { userName } = await joined();
    const again = await bank.post(`${SCIM}/Users`, user(userName.toUpperCase()));
    expect([again.status, again.body]).toEqual([
      409,
      { schemas: [ERROR], status: "409", scimType: "uniqueness", detail: expect.any(String) },
    ]);
    expect((await other.post(`${SCIM}/Users`, user(userName))).status).toBe(201);
  });

  it("comes once of two that are sent at the same time", async () => {
    const userName = address();
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
    const { id, userName } = await joined({ externalId: "x", displayName: "Before" });
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
    const { id } = await joined();
    const answer = await bank.patch(at(id), patch(operation));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject(expected);
    expect((await bank.patch(at(id), patch({ ...operation, op: "replace" }))).status).toBe(200);
  });

  it.each([
    ["the id", { op: "replace", path: "id", value: "usr_1" }, "mutability"],
    ["the groups", { op: "add", path: "groups", value: [{ value: "x" }] }, "mutability"],
    ["no address", { op: "remove", path: "userName" }, "invalidValue"],
    ["an unknown operation", { op: "move", path: "userName", value: "x" }, "invalidSyntax"],
    ["a broken path", { op: "replace", path: "emails[", value: "x" }, "invalidPath"],
    ["a filter on one value", { op: "replace", path: 'name[givenName eq "x"].familyName', value: "x" }, "invalidPath"],
    ["a filter on what is not ours", { op: "add", path: 'emails[__proto__ eq "x"].value', value: "x" }, "invalidPath"],
    ["a deep filter", { op: "add", path: `emails[${"(".repeat(40)}value eq "x"${")".repeat(40)}].value`, value: "x" }, "invalidFilter"],
    ["removing nothing named", { op: "remove" }, "noTarget"],
  ])("is not patched by %s", async (_, operation, scimType) => {
    const { id } = await joined();
    const answer = await bank.patch(at(id), patch(operation));
    expect([answer.status, answer.body.scimType], answer.text).toEqual([400, scimType]);
  });

  it("leaves the objects of the platform alone, whatever a patch names", async () => {
    const { id } = await joined();
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
    const { id, answer } = await joined();
    const seen = answer.body.meta.version;
    expect((await bank.patch(at(id), patch({ op: "replace", path: "displayName", value: "A" }), { "if-match": seen })).status).toBe(200);
    const late = await bank.patch(at(id), patch({ op: "replace", path: "displayName", value: "B" }), { "if-match": seen });
    expect([late.status, late.body.schemas]).toEqual([412, [ERROR]]);
    expect((await bank.put(at(id), user("x@bank.example"), { "if-match": seen })).status).toBe(412);
    expect((await bank.delete(at(id), { "if-match": seen })).status).toBe(412);
  });

  it("takes a new address without the password of the old one, and never one that is somebody else's", async () => {
    const { id, email } = await member();
    const { userName } = await joined();
    const taken = await bank.patch(at(id), patch({ op: "replace", path: "userName", value: userName }));
    expect([taken.status, taken.body.scimType]).toEqual([409, "uniqueness"]);
    const moved = address();
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
    const { id, email, client } = await member();
    const session = await platform.signIn(email);
    expect((await client.get(paths.me())).status).toBe(200);
    expect((await leave(id, email)).status).toBeLessThan(300);
    expect((await client.get(paths.me())).status).toBe(401);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie })).status).toBe(401);
    expect((await platform.signIn(email)).status).toBe(401);
  });

  it("who was made inactive is shown as that, and comes back without password, roles and tokens of before", async () => {
    const { id, email, client } = await member();
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
    const { id, userName } = await joined();
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

describe("a search", () => {
  it.each([
    ["userName eq", (one: Found) => `userName eq "${one.userName.toUpperCase()}"`],
    ["the full name of an attribute", (one: Found) => `${USER}:userName eq "${one.userName}"`],
    ["id", (one: Found) => `id eq "${one.id}"`],
    ["externalId, exactly", (one: Found) => `externalId eq "E-${one.id}"`],
    ["a name within a name", (one: Found) => `name.familyName sw "Bŷ" and userName co "${one.userName}"`],
    ["a value of several", (one: Found) => `emails[type eq "work" and value eq "${one.userName}"]`],
    ["a value of several by its own name", (one: Found) => `emails.value eq "${one.userName}"`],
    ["not", (one: Found) => `userName eq "${one.userName}" and not (active eq false)`],
    ["or", (one: Found) => `userName eq "nobody" or userName eq "${one.userName}"`],
    ["time", (one: Found) => `userName eq "${one.userName}" and meta.created gt "2020-01-01T00:00:00Z"`],
    ["presence", (one: Found) => `externalId pr and userName eq "${one.userName}"`],
    ["the end", (one: Found) => `displayName ew "${one.id}" and userName sw "${one.userName}"`],
  ])("finds by %s", async (_, filter) => {
    const { id, userName } = await joined({ name: { familyName: "Bŷron" } });
    await bank.patch(
      at(id),
      patch({ op: "add", value: { externalId: `E-${id}`, displayName: `X ${id}`, emails: [{ value: userName, type: "work" }] } }),
    );
    const answer = await find(bank, filter({ id, userName }));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.Resources.map((one: Found) => one.id)).toEqual([id]);
  });

  it("finds nobody of another institution, by any filter and any id", async () => {
    const { id, userName } = await joined({ externalId: "theirs" });
    for (const filter of [`userName eq "${userName}"`, `id eq "${id}"`, 'externalId eq "theirs"', `userName co "@" and id eq "${id}"`]) {
      expect((await find(other, filter)).body).toMatchObject({ totalResults: 0, Resources: [] });
    }
    expect((await find(other, "userName pr")).body.Resources.map((one: Found) => one.userName).sort()).not.toContain(id);
    for (const call of [
      (client: Client, path: string) => client.get(path),
      (client: Client, path: string) => client.put(path, user("x@bank.example")),
      (client: Client, path: string) => client.patch(path, patch({ op: "replace", path: "active", value: false })),
      (client: Client, path: string) => client.delete(path),
    ]) {
      const [theirs, nobodys] = [await call(other, at(id)), await call(other, at(`usr_${"0".repeat(32)}`))];
      expect([theirs.status, theirs.text, theirs.headers.get("content-type")]).toEqual([
        404,
        nobodys.text,
        nobodys.headers.get("content-type"),
      ]);
    }
    expect((await bank.get(at(id))).body.active).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["words", "drop table users"],
    ["SQL", `userName eq "x" or 1=1 --`],
    ["an attribute that is SQL", `u.password_hash eq "x"`],
    ["an attribute of ours that is no attribute", `password pr`],
    ["brackets without end", "(".repeat(1999)],
    ["brackets by the thousand", `${"(".repeat(500)}userName pr${")".repeat(500)}`],
    ["not by the hundred", `${"not ".repeat(300)}(userName pr)`],
    ["more comparisons than anybody means", Array.from({ length: 80 }, () => "id pr").join(" or ")],
    ["a long one", `userName eq "${"x".repeat(2000)}"`],
    ["an open quote of line breaks", `userName eq "${"\n".repeat(60)}`],
    ["a number for a text", "userName eq 1"],
    ["a text for an instant", 'meta.created gt "yesterday"'],
    ["an instant out of time", 'meta.created gt "+275760-09-13T00:00:00Z"'],
    ["a truth that is none", 'active eq "perhaps"'],
    ["values of one value", 'userName[value eq "x"]'],
  ])("refuses %s at once", async (_, filter) => {
    const before = performance.now();
    const answer = await find(bank, filter);
    expect([answer.status, answer.body.scimType], answer.text).toEqual([400, "invalidFilter"]);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("takes what looks like SQL within quotes for a text", async () => {
    for (const text of ["x' or '1'='1", "%", "__", "\\u0000", "\\ud800", "'; drop table users; --", '\\"', "$1"]) {
      const answer = await find(bank, `displayName co "${text}"`);
      expect([answer.status, answer.body.totalResults], answer.text).toEqual([200, 0]);
    }
  });

  it("goes by places, sorted, with as many as were asked for", async () => {
    await platform.addInstitution("pages");
    const boss = await platform.addPerson("pages", "m@pages.example", "institution_admin");
    for (const name of ["b", "d", "a", "c"]) await boss.post(`${SCIM}/Users`, user(`${name}@pages.example`));
    const page = (query: string) => boss.get(`${SCIM}/Users?${query}`);
    const names = (answer: Answer) => answer.body.Resources.map(({ userName }: Found) => userName.slice(0, 1)).join("");
    expect(names(await page("sortBy=userName"))).toBe("abcdm");
    expect(names(await page("sortBy=userName&sortOrder=descending&count=2"))).toBe("md");
    const second = await page("sortBy=userName&startIndex=3&count=2");
    expect([names(second), second.body.totalResults, second.body.startIndex, second.body.itemsPerPage]).toEqual(["cd", 5, 3, 2]);
    expect((await page("count=0")).body).toMatchObject({ totalResults: 5, itemsPerPage: 0, Resources: [] });
    expect((await page("startIndex=-4&count=-1")).body).toMatchObject({ totalResults: 5, startIndex: 1, itemsPerPage: 0 });
    expect((await page("startIndex=99")).body.Resources).toEqual([]);
    expect((await page("sortBy=emails")).status).toBe(400);
    expect((await page("colour=red")).status).toBe(200);
  });

  it("answers the attributes that were asked for", async () => {
    const { id } = await joined({ name: { givenName: "Ada", familyName: "Byron" }, displayName: "Ada" });
    expect((await bank.get(`${at(id)}?attributes=name.familyName`)).body).toEqual({ schemas: [USER], id, name: { familyName: "Byron" } });
    expect(Object.keys((await bank.get(`${at(id)}?excludedAttributes=name,meta,id`)).body).sort()).toEqual([
      "active",
      "displayName",
      "id",
      "schemas",
      "userName",
    ]);
  });
});

describe("the door", () => {
  it("opens to a token that may write of its institution, and to nothing else", async () => {
    const reader = await platform.as("boss@bank.example", ["institutions:read"]);
    const { client } = await member();
    const session = await platform.signIn("boss@bank.example");
    const headers = { cookie: session.cookie, "x-csrf-token": session.csrfToken };
    const answers = [
      await reader.get(`${SCIM}/Users`),
      await client.get(`${SCIM}/Users`),
      await send(platform.url, "GET", `${SCIM}/Users`),
      await send(platform.url, "GET", `${SCIM}/Users`, undefined, headers),
      await send(platform.url, "GET", `${SCIM}/ServiceProviderConfig`),
    ];
    expect(answers.map(({ status, body }) => [status, body.schemas?.[0]])).toEqual(
      [403, 403, 401, 401, 401].map((status) => [status, ERROR]),
    );
    expect(answers[2]?.headers.get("www-authenticate")).toContain("Bearer");
  });

  it("says what it can do, truthfully", async () => {
    const config = (await bank.get(`${SCIM}/ServiceProviderConfig`)).body;
    expect(config).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true },
      sort: { supported: true },
      etag: { supported: true },
      changePassword: { supported: false },
    });
    expect((await bank.get(`${SCIM}/ResourceTypes`)).body.Resources.map(({ id }: { id: string }) => id)).toEqual(["User", "Group"]);
    expect((await bank.get(`${SCIM}/ResourceTypes/Group`)).body.endpoint).toBe("/Groups");
    expect((await bank.get(`${SCIM}/Schemas/${USER}`)).body.attributes.map(({ name }: { name: string }) => name)).toContain("userName");
  });

  it("answers broken bodies, other types and unknown paths in the protocol's form", async () => {
    const raw = (body: string, type: string) =>
      fetch(`${platform.url}${SCIM}/Users`, { method: "POST", headers: { ...bank.headers, "content-type": type }, body });
    const answers = [await raw("{", "application/scim+json"), await raw("<a/>", "application/xml")];
    const forms = await Promise.all(answers.map(async (answer) => [answer.status, JSON.parse(await answer.text()).schemas[0]]));
    expect(forms).toEqual([
      [400, ERROR],
      [415, ERROR],
    ]);
    for (const path of ["Nothing", "Me", "Users/usr_1/more", "Schemas/nothing"]) {
      const answer = await bank.get(`${SCIM}/${path}`);
      expect([answer.status, answer.body.schemas, answer.headers.get("content-type")]).toEqual([
        404,
        [ERROR],
        "application/scim+json; charset=utf-8",
      ]);
    }
    for (const id of ["%00", "x".repeat(500), "..%2f..", "usr_%27"]) expect((await bank.get(at(id))).status).toBe(404);
  });

  it("takes the platform's own people through a token of the platform's, and nobody of an institution", async () => {
    const { id } = await joined();
    expect((await platform.admin.get(at(id))).status).toBe(404);
    const names = (await platform.admin.get(`${SCIM}/Users`)).body.Resources.map((one: Found) => one.userName);
    expect(names).toEqual(["admin@ziggurat.example"]);
  });
});

interface Found {
  readonly id: string;
  readonly userName: string;
}
