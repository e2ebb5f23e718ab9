import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, type Client, type TestPlatform } from "../../test/harness.js";
import { aDirectory, at, type Directory, ERROR, find, GROUP, patch, SCIM, USER, user } from "../../test/scim-fixtures.js";

let directory: Directory;
let platform: TestPlatform;
let boss: Client;
let ada: Found;
let bob: Found;
let cleo: Found;
const SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

interface Found {
  readonly id: string;
  readonly userName: string;
  readonly meta: { readonly lastModified: string; readonly version: string };
}
const made = async (name: string, more: object = {}): Promise<Found> => {
  const answer = await boss.post(`${SCIM}/Users`, user(`${name}@names.example`, more));
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
/** First letters of those who were found, in their order. */
const letters = ({ status, body, text }: Answer): string => {
  expect(status, text).toBe(200);
  return body.Resources.map(({ userName }: Found) => userName.slice(0, 1)).join("");
};
beforeAll(async () => {
  directory = await aDirectory();
  ({ platform } = directory);
  await platform.addInstitution("names");
  boss = await platform.addPerson("names", "zoe@names.example", "institution_admin");
  ada = await made("ada", {
    displayName: "Ada \\ Byron",
    name: { familyName: "Byron" },
    emails: [
      { value: "z@first.example", type: "home" },
      { value: "b@second.example", type: "work", primary: true },
    ],
  });
  bob = await made("bob", { displayName: "Bøb", externalId: "B-1", emails: [{ value: "a@only.example", type: "Work" }] });
  cleo = await made("cleo", { displayName: "", active: false });
});
afterAll(() => platform?.close());

describe("a filter", () => {
  it.each([
    ["displayName pr", "abz", "an empty text is none"],
    ["name pr", "a", "a complex attribute is there by any part of it"],
    ['not (emails pr) and userName ne "zoe@names.example"', "c", "values are there, or not"],
    ['displayName eq "b\\u00f8b"', "b", "escapes are those of JSON"],
    ['displayName eq "ada \\\\ byron"', "a", "a backslash is written twice"],
    ['EMAILS[TYPE EQ "WORK"]', "abz", "names, operators and texts in any case of letters"],
    ['externalId eq "b-1"', "", "but an id of the directory's as it is"],
    ['emails[type eq "work"].value eq "z@first.example"', "", "one value that is both"],
    ['emails[type eq "home"].value eq "z@first.example"', "a", "one value that is both, found"],
    ['userName sw "a" or userName sw "b" and active eq false', "a", "and binds closer than or"],
    ['(userName sw "a" or userName sw "b") and active eq false', "", "unless in brackets"],
    ['not (userName sw "a" or userName sw "b") and active eq false', "c", "not binds closest"],
    ["externalId eq null and active eq true", "az", "null is no value"],
    ['externalId ne "B-1" and active eq true', "az", "no value is another value"],
    ['meta.resourceType eq "User"', "abcz", "the kind of the resource"],
    [`schemas eq "${USER}"`, "abcz", "its schema"],
  ])("%s finds %j: %s", async (filter, expected) => {
    expect(letters(await find(boss, filter, "&sortBy=userName"))).toBe(expected);
  });

  it("finds what was read at the instant that was read, and nothing as later than itself", async () => {
    const { lastModified } = bob.meta;
    const mine = `userName eq "${bob.userName}" and`;
    expect(letters(await find(boss, `${mine} meta.lastModified eq "${lastModified}"`))).toBe("b");
    expect(letters(await find(boss, `${mine} meta.lastModified gt "${lastModified}"`))).toBe("");
    expect(letters(await find(boss, `${mine} meta.lastModified le "${lastModified}"`))).toBe("b");
    // Without a zone an instant is in UTC, and one with another zone is the same instant.
    const bare = lastModified.replace("Z", "");
    const there = new Date(Date.parse(lastModified) + 2 * 3_600_000).toISOString().replace("Z", "+02:00");
    for (const same of [bare, there]) expect(letters(await find(boss, `${mine} meta.lastModified eq "${same}"`))).toBe("b");
    for (const none of ["2026", "1", "May 5 2026", "2026-01-31"]) {
      expect((await find(boss, `meta.lastModified gt "${none}"`)).body.scimType).toBe("invalidFilter");
    }
  });

  it("says that somebody changed when they left or came back, whoever did it", async () => {
    const eve = await made("eve");
    const changed = async () => Date.parse((await boss.get(at(eve.id))).body.meta.lastModified);
    const times = [await changed()];
    expect((await boss.delete(paths.member("names", eve.id))).status).toBe(204);
    times.push(await changed());
    await boss.patch(at(eve.id), patch({ op: "replace", path: "active", value: true }));
    times.push(await changed());
    expect(times).toEqual([...new Set(times)].sort((one, other) => one - other));
    await boss.delete(at(eve.id));
  });

  it.each(["active gt true", "emails[value[type pr]]", 'name eq "x"', 'meta.created sw "2026"', 'urn:example:Thing:colour eq "red"'])(
    "%s is none",
    async (filter) => {
      const answer = await find(boss, filter);
      expect([answer.status, answer.body.scimType], answer.text).toEqual([400, "invalidFilter"]);
    },
  );
});

describe("a list", () => {
  const page = (query: string) => boss.get(`${SCIM}/Users?${query}`);

  it("is sorted by the primary value of several, or the first, with those who have none at its end", async () => {
    expect(letters(await page("sortBy=emails"))).toBe("bazc");
    expect(letters(await page("sortBy=emails.value&sortOrder=Descending"))).toBe("czab");
    expect(letters(await page(`sortBy=${USER}:UserName&sortOrder=descending`))).toBe("zcba");
    for (const sortBy of ["name", "nothing", "password"]) {
      expect((await page(`sortBy=${sortBy}`)).status).toBe(400);
    }
  });

  it("begins at the place that was asked for, however far", async () => {
    for (const startIndex of ["99999999999", "9".repeat(40)]) {
      expect((await page(`startIndex=${startIndex}`)).body).toMatchObject({ totalResults: 4, itemsPerPage: 0, Resources: [] });
    }
    expect((await page("startIndex=0&count=1")).body).toMatchObject({ totalResults: 4, startIndex: 1, itemsPerPage: 1 });
    expect((await page("startIndex=first&count=all")).body).toMatchObject({ startIndex: 1, itemsPerPage: 4 });
    expect((await page(`count=${"9".repeat(40)}`)).body.itemsPerPage).toBe(4);
  });

  it("has the attributes that were asked for, also by whole names; an empty list asks for nothing", async () => {
    const whole = (await boss.get(at(ada.id))).body;
    const asked = async (query: string) => (await boss.get(`${at(ada.id)}?${query}`)).body;
    expect(await asked("attributes=")).toEqual(whole);
    expect(await asked("excludedAttributes=%20")).toEqual(whole);
    expect(await asked(`attributes=${USER}:Name.FamilyName,EMAILS.type`)).toEqual({
      schemas: [USER],
      id: ada.id,
      name: { familyName: "Byron" },
      emails: [{ type: "home" }, { type: "work" }],
    });
    // Nothing is answered of what is not there.
    expect(await asked("attributes=name.givenName,nickName")).toEqual({ schemas: [USER], id: ada.id });
    const changed = await boss.patch(
      `${at(ada.id)}?attributes=userName`,
      patch({ op: "add", path: "displayName", value: whole.displayName }),
    );
    expect(changed.body).toEqual({ schemas: [USER], id: ada.id, userName: ada.userName });
  });

  it("is asked for in a body as well, which says what it is", async () => {
    const search = (body: object, path = "/Users/.search") => boss.post(`${SCIM}${path}`, body);
    const found = await search({ schemas: [SEARCH], filter: 'userName sw "a"', attributes: ["userName"], startIndex: 1, count: 5 });
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ schemas: [USER], id: ada.id, userName: ada.userName }] });
    expect((await search({ schemas: [USER], filter: "userName pr" })).body.scimType).toBe("invalidSyntax");
  });

  it("of all kinds takes an attribute that one kind has not for absent there, and one that none has for a mistake", async () => {
    await boss.post(`${SCIM}/Groups`, { schemas: [GROUP], displayName: "Adapters", members: [{ value: bob.id }] });
    const search = async (filter: string, more: object = {}) => boss.post(`${SCIM}/.search`, { schemas: [SEARCH], filter, ...more });
    const kinds = async (filter: string, more: object = {}) => {
      const { body, text } = await search(filter, more);
      expect(body.totalResults, text).toBeDefined();
      return [body.totalResults, ...body.Resources.map(({ meta }: { meta: { resourceType: string } }) => meta.resourceType)];
    };
    expect(await kinds('userName sw "a" or displayName sw "adap"')).toEqual([2, "User", "Group"]);
    expect(await kinds(`members eq "${bob.id}"`)).toEqual([1, "Group"]);
    expect(await kinds('not (userName pr) and displayName sw "a"')).toEqual([1, "Group"]);
    expect(await kinds('meta.resourceType eq "Group"', { sortBy: "userName" })).toEqual([1, "Group"]);
    expect(await kinds('displayName sw "ada"', { startIndex: 2, count: 1 })).toEqual([2, "Group"]);
    expect((await search("nothing pr")).body.scimType).toBe("invalidFilter");
  });
});

describe("a group", () => {
  const group = async (displayName: string, ...members: object[]) =>
    (await boss.post(`${SCIM}/Groups`, { schemas: [GROUP], displayName, members })).body;
  const groupAt = (id: string) => `${SCIM}/Groups/${id}`;

  it("has one version, whether its members are asked for or not, and another after each change of them", async () => {
    const { id, meta } = await group("Versions", { value: bob.id });
    const bare = await boss.get(`${groupAt(id)}?excludedAttributes=members`);
    expect([bare.body.meta.version, bare.headers.get("etag")]).toEqual([meta.version, meta.version]);
    const listed = await boss.get(`${SCIM}/Groups?filter=${encodeURIComponent(`id eq "${id}"`)}&attributes=meta`);
    expect(listed.body.Resources[0].meta.version).toBe(meta.version);
    const changed = await boss.patch(groupAt(id), patch({ op: "add", path: "members", value: [{ value: ada.id }] }), {
      "if-match": meta.version,
    });
    expect(changed.status).toBe(200);
    expect((await boss.patch(groupAt(id), patch({ op: "remove", path: "members" }), { "if-match": meta.version })).status).toBe(412);
    const gone = await made("gone");
    const joined = await boss.patch(groupAt(id), patch({ op: "add", path: "members", value: [{ value: gone.id }] }));
    await boss.delete(at(gone.id));
    const { version } = (await boss.get(groupAt(id))).body.meta;
    expect(new Set([meta.version, changed.body.meta.version, joined.body.meta.version, version]).size).toBe(4);
    // What an administrator makes of a group changes nothing that the directory knows.
    await boss.put(paths.scimGroup("names", id), { roles: ["auditor"] });
    expect((await boss.get(groupAt(id))).body.meta.version).toBe(version);
  });

  it("takes no group as a member, and says so the same of one that is there and one that is not", async () => {
    const [outer, inner] = [await group("Outer"), await group("Inner")];
    const nobodys = `scg_${"0".repeat(32)}`;
    const answers = [
      { value: inner.id },
      { value: nobodys },
      { value: inner.id, type: "Group" },
      { value: "x", type: "group" },
      { value: "x", $ref: `https://z.example${groupAt(inner.id)}` },
    ].map((member) => boss.patch(groupAt(outer.id), patch({ op: "add", path: "members", value: [member] })));
    const told = (await Promise.all(answers)).map(({ status, body }) => [status, body.scimType, body.detail]);
    const same = [400, "invalidValue", "Groups in groups are not kept; send the people who are in them."];
    expect(told).toEqual(told.map(() => same));
  });
});

describe("what is not offered, or not like this", () => {
  it("is answered as the protocol has it", async () => {
    const bulk = await boss.post(`${SCIM}/Bulk`, { schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], Operations: [] });
    expect([bulk.status, bulk.body]).toEqual([501, { schemas: [ERROR], status: "501", detail: "/Bulk is not offered here." }]);
    for (const path of ["Schemas", "ResourceTypes", "ServiceProviderConfig"]) {
      const filtered = await boss.get(`${SCIM}/${path}?filter=${encodeURIComponent("id pr")}`);
      expect([filtered.status, filtered.body.schemas]).toEqual([403, [ERROR]]);
      expect((await boss.get(`${SCIM}/${path}?sortBy=id&count=0`)).status).toBe(200);
    }
    const raw = await fetch(`${platform.url}${SCIM}/Users`, {
      method: "POST",
      headers: { ...boss.headers, "content-type": "application/scim+json" },
      body: "{",
    });
    expect([raw.status, JSON.parse(await raw.text()).scimType]).toEqual([400, "invalidSyntax"]);
    const wrong = await boss.put(`${SCIM}/Users`, user("x@names.example"));
    expect([wrong.status, wrong.headers.get("allow"), wrong.body.status]).toEqual([405, "GET, HEAD, POST", "405"]);
    const two = [
      { value: "a@b.example", primary: true },
      { value: "c@d.example", primary: true },
    ];
    expect((await boss.post(`${SCIM}/Users`, user("two@names.example", { emails: two }))).body.scimType).toBe("invalidValue");
    const many = Array.from({ length: 10_001 }, (_, index) => ({ value: `usr_${index}` }));
    const large = await boss.post(`${SCIM}/Groups`, { schemas: [GROUP], displayName: "Large", members: many });
    expect([large.status, large.body.scimType]).toEqual([413, undefined]);
  });

  it("leads /Me to whoever's token it is, whatever is asked of it; a program is nobody", async () => {
    for (const answer of [await boss.get(`${SCIM}/Me`), await boss.patch(`${SCIM}/Me`, patch()), await boss.delete(`${SCIM}/Me`)]) {
      expect([answer.status, answer.headers.get("location")]).toEqual([308, `${platform.url}${at(boss.viewer.userId)}`]);
    }
    const role = (await boss.post(paths.roles("names"), { name: "Directory", scopes: ["directory:write"] })).body.id;
    const account = await boss.post(paths.serviceAccounts("names"), {
      name: "directory",
      purpose: "people",
      responsible: boss.viewer.userId,
      roles: [],
      customRoles: [role],
    });
    const token = await boss.post(paths.serviceTokens("names", account.body.id), { name: "door", scopes: ["directory:write"] });
    const program = await boss.get(`${SCIM}/Me`, { authorization: `Bearer ${token.body.secret}` });
    expect([program.status, program.body.schemas]).toEqual([501, [ERROR]]);
  });
});

it("keeps cleo, who was made inactive, in sight", async () => {
  expect((await boss.get(at(cleo.id))).body).toMatchObject({ active: false, displayName: "" });
});
