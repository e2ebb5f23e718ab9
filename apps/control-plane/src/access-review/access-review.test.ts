import { type PersonAccess, paths, ROLES, SCOPES, SCOPES_OF_ROLE } from "@ziggurat/contracts";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform?.close());

const review = (client: Client, query = "") => client.get(`${paths.accessReview()}${query}`);
const personOf = (rows: readonly PersonAccess[], user: string) => rows.find((row) => row.user === user);
const add = async (client: Client, slug: string, email: string, roles: readonly string[], name = email) =>
  (await client.post(paths.members(slug), { email, name, roles, password: "a-long-password-1" })).body;

/** A token that somebody makes in a session of theirs, which stays open. */
async function tokenOf(email: string, scopes: readonly string[]) {
  const { cookie, csrfToken } = await platform.signIn(email, "a-long-password-1");
  return (await send(platform.url, "POST", paths.tokens(), { name: "ci", scopes }, { cookie, "x-csrf-token": csrfToken })).body;
}

describe("the access review", () => {
  it("says of everyone what they may do, which role makes it so and who gave it", async () => {
    const made = await add(people.admin, "northbank", "both@northbank.example", ["institution_member", "auditor"]);
    const { body } = await review(people.admin);
    const row = personOf(body.data, made.id);
    expect(row).toMatchObject({ roles: ["institution_member", "auditor"], institution: "northbank" });
    expect(row?.granted).toEqual({ by: people.admin.viewer.name, at: expect.any(String) });
    const because = Object.fromEntries((row?.scopes ?? []).map(({ scope, because }) => [scope, because]));
    expect(because["models:write"]).toEqual(["institution_member"]);
    expect(because["audit:read"]).toEqual(["auditor"]);
    expect(because["models:read"]).toEqual(["institution_member", "auditor"]);
    expect(because["institutions:write"]).toBeUndefined();
    expect(row?.deeds).toEqual([{ tier: "institution", deed: "contribute", because: ["institution_member"] }]);
    expect(row?.credentials).toEqual({ hasSecondFactor: false, passkeys: 0, sessions: 0, lastSeenAt: null, tokens: [] });
    await people.admin.patch(paths.member("northbank", made.id), { roles: ["auditor"] });
    const after = personOf((await review(people.admin)).body.data, made.id);
    expect([after?.deeds, after?.scopes.map(({ scope }) => scope)]).toEqual([[], [...SCOPES_OF_ROLE.auditor].sort(bySpelling)]);
  });

  it("says the same as the door does: what a person is said to be able to ask for is what a session of theirs may", async () => {
    const { body } = await review(people.admin);
    const me = (await people.admin.get(paths.me())).body;
    expect(personOf(body.data, people.admin.viewer.userId)?.scopes.map(({ scope }) => scope)).toEqual(me.scopes);
  });

  it("shows tokens with what they may do now and when they were used, and revokes one at once", async () => {
    const made = await add(people.admin, "northbank", "token@northbank.example", ["institution_member"]);
    const token = await tokenOf("token@northbank.example", ["models:read", "models:write"]);
    const use = () => fetch(platform.url + paths.models(), { headers: { authorization: `Bearer ${token.secret}` } });
    expect((await use()).status).toBe(200);
    await people.admin.patch(paths.member("northbank", made.id), { roles: ["auditor"] });
    const row = personOf((await review(people.admin)).body.data, made.id);
    expect(row?.credentials).toMatchObject({ sessions: 1, lastSeenAt: expect.any(String) });
    expect(row?.credentials?.tokens).toMatchObject([{ id: token.id, name: "ci", scopes: ["models:read"], lastUsedAt: expect.any(String) }]);
    expect((await people.admin.delete(paths.memberToken("northbank", made.id, token.id))).status).toBe(204);
    expect((await use()).status).toBe(401);
    expect((await people.admin.delete(paths.memberToken("northbank", made.id, token.id))).status).toBe(404);
    expect(personOf((await review(people.admin)).body.data, made.id)?.credentials?.tokens).toEqual([]);
    const [entry] = await asSystem<{ actor_id: string }>(
      platform,
      "select actor_id from audit_entries where action = 'token.revoke' and object = $1",
      [token.id],
    );
    expect(entry?.actor_id).toBe(people.admin.viewer.userId);
  });

  it("is narrowed by role and by scope, and paged", async () => {
    const names = async (query: string) => (await review(people.admin, query)).body.data.map(({ roles }: PersonAccess) => roles);
    for (const roles of await names("?filter[role]=auditor")) expect(roles).toContain("auditor");
    for (const roles of await names("?filter[scope]=jobs:approve")) expect(roles).toContain("institution_admin");
    const first = (await review(people.admin, "?limit=1&include=total")).body;
    const second = (await review(people.admin, `?limit=1&cursor=${encodeURIComponent(first.nextCursor)}`)).body;
    expect([first.data.length, second.data.length, first.data[0].user === second.data[0].user]).toEqual([1, 1, false]);
    expect(first.total).toBe((await review(people.admin)).body.data.length);
    expect((await review(people.admin, `?limit=1&filter[role]=auditor&cursor=${encodeURIComponent(first.nextCursor)}`)).status).toBe(400);
  });

  it("is exported as a sheet with a line per right, in which no cell is a formula", async () => {
    await add(people.admin, "northbank", "formula@northbank.example", ["auditor"], "=HYPERLINK(1)");
    const answer = await people.admin.get(paths.accessReviewExport());
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
    const { data, errors } = Papa.parse<Record<string, string>>(answer.text, { header: true, skipEmptyLines: true });
    expect(errors).toEqual([]);
    const mine = data.filter(({ email }) => email === "formula@northbank.example");
    expect(mine.map(({ kind, right, because }) => `${kind} ${right} ${because}`)).toContain("scope audit:read auditor");
    expect(new Set(mine.map(({ name }) => name))).toEqual(new Set(["'=HYPERLINK(1)"]));
    expect(data.filter(({ kind }) => kind === "deed").map(({ right }) => right)).toContain("release institution");
  });
});

describe("what must not happen", () => {
  it("tells a stranger the same of a neighbour and of nobody", async () => {
    const [theirs, none] = [
      await review(people.stranger, "?institution=northbank"),
      await review(people.stranger, "?institution=never-was"),
    ];
    const { requestId: _a, instance: _b, ...body } = theirs.body;
    expect([theirs.status, none.status]).toEqual([404, 404]);
    expect(none.body).toMatchObject(body);
  });

  it("is not shown to members, who may ask for neither audit nor people", async () => {
    expect((await review(people.member)).status).toBe(403);
    expect((await people.member.get(paths.accessReviewExport())).status).toBe(403);
  });

  it("shows the platform's people whom a bank lets in, and nothing of what those hold", async () => {
    const { body } = await review(platform.admin, "?institution=northbank");
    expect(body.data.length).toBeGreaterThan(1);
    expect(body.data.every(({ credentials }: PersonAccess) => credentials === null)).toBe(true);
  });

  it("revokes no token of another institution, nor by somebody who is no administrator", async () => {
    const made = await add(people.admin, "northbank", "kept@northbank.example", ["institution_member"]);
    const token = await tokenOf("kept@northbank.example", ["models:read"]);
    const path = paths.memberToken("northbank", made.id, token.id);
    expect((await people.stranger.delete(path)).status).toBe(404);
    expect((await platform.admin.delete(path)).status).toBe(404);
    expect((await people.member.delete(path)).status).toBe(403);
    const use = await fetch(platform.url + paths.models(), { headers: { authorization: `Bearer ${token.secret}` } });
    expect(use.status).toBe(200);
  });
});

it("the table of rights is complete: every role gives something, every scope is given by some role", () => {
  for (const role of ROLES) expect([role, SCOPES_OF_ROLE[role].length > 0]).toEqual([role, true]);
  for (const scope of SCOPES) expect([scope, ROLES.some((role) => SCOPES_OF_ROLE[role].includes(scope))]).toEqual([scope, true]);
});

const bySpelling = (a: (typeof SCOPES)[number], b: (typeof SCOPES)[number]) => SCOPES.indexOf(a) - SCOPES.indexOf(b);
