import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Client, send, type TestPlatform } from "../../test/harness.js";
import { aDirectory, at, type Directory, ERROR, find, patch, SCIM, USER, user } from "../../test/scim-fixtures.js";

let directory: Directory;
let platform: TestPlatform;
let bank: Client;
let other: Client;
beforeAll(async () => {
  directory = await aDirectory();
  ({ platform, bank, other } = directory);
});
afterAll(() => platform?.close());

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
    const { id, userName } = await directory.joined({ name: { familyName: "Bŷron" } });
    await bank.patch(
      at(id),
      patch({ op: "add", value: { externalId: `E-${id}`, displayName: `X ${id}`, emails: [{ value: userName, type: "work" }] } }),
    );
    const answer = await find(bank, filter({ id, userName }));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.Resources.map((one: Found) => one.id)).toEqual([id]);
  });

  it("finds nobody of another institution, by any filter and any id", async () => {
    const { id, userName } = await directory.joined({ externalId: "theirs" });
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
    for (const text of ["x' or '1'='1", "%", "__", "'; drop table users; --", '\\"', "$1"]) {
      const answer = await find(bank, `displayName co "${text}"`);
      expect([answer.status, answer.body.totalResults], answer.text).toEqual([200, 0]);
    }
    // What stands for a NUL, and for half a character, is a text that no database keeps.
    for (const text of ["\\u0000", "\\ud800"]) expect((await find(bank, `displayName co "${text}"`)).status).toBe(400);
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
    expect((await page("sortBy=name")).body.scimType).toBe("invalidValue");
    expect((await page("colour=red")).status).toBe(200);
  });

  it("answers the attributes that were asked for", async () => {
    const { id } = await directory.joined({ name: { givenName: "Ada", familyName: "Byron" }, displayName: "Ada" });
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
    const { client } = await directory.member();
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
    for (const path of ["Nothing", "Users/usr_1/more", "Schemas/nothing"]) {
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
    const { id } = await directory.joined();
    expect((await platform.admin.get(at(id))).status).toBe(404);
    const names = (await platform.admin.get(`${SCIM}/Users`)).body.Resources.map((one: Found) => one.userName);
    expect(names).toEqual(["admin@ziggurat.example"]);
  });
});

interface Found {
  readonly id: string;
  readonly userName: string;
}
