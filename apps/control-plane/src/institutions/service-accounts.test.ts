import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, draft, move, versionId } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let count = 0;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform?.close());
beforeEach(() => {
  count += 1;
});

const codes = ({ status, body }: Answer) => [status, ...(body?.errors ?? []).map(({ code }: { code: string }) => code)];
const make = (more: object = {}, by: Client = people.admin) =>
  by.post(paths.serviceAccounts("northbank"), {
    name: `pipeline ${count}`,
    purpose: "uploads what was trained elsewhere",
    responsible: people.member.viewer.userId,
    roles: ["institution_member"],
    ...more,
  });
const tokenFor = (id: string, more: object = {}, by: Client = people.admin) =>
  by.post(paths.serviceTokens("northbank", id), { name: "nightly", scopes: ["models:read", "models:write"], ...more });
const ask = (secret: string, path = paths.me(), method = "GET", body?: unknown) =>
  send(platform.url, method, path, body, { authorization: `Bearer ${secret}` });

describe("a service account", () => {
  it("has a purpose, a member who answers for it, and nothing it may do until it is given a role", async () => {
    const before = (await people.admin.get(paths.institution("northbank"))).body.members;
    const made = await make({ roles: undefined });
    expect((await people.admin.get(paths.institution("northbank"))).body.members).toBe(before);
    expect([made.status, made.body]).toMatchObject([
      201,
      { roles: [], customRoles: [], responsible: { name: "member" }, isActive: true, tokens: 0, lastUsedAt: null, createdBy: "admin" },
    ]);
    expect(codes(await tokenFor(made.body.id))).toEqual([422, "scope", "scope"]);
    expect(codes(await make({ purpose: " " }))[0]).toBe(400);
    expect(codes(await make({ responsible: people.stranger.viewer.userId }))).toEqual([422, "responsible_unknown"]);
    expect((await make({ responsible: made.body.id })).status).toBe(400);
    expect((await people.member.get(paths.serviceAccount("northbank", made.body.id))).body.name).toBe(`pipeline ${count}`);
  });

  it("holds no role that manages people, and none of another place", async () => {
    expect(codes(await make({ roles: ["institution_admin"] }))).toEqual([422, "role_manages_people"]);
    expect(codes(await make({ roles: ["platform_engineer"], tiers: ["finance"] }))).toEqual([422, "role_place"]);
    const { id } = (await make()).body;
    expect(codes(await people.admin.patch(paths.serviceAccount("northbank", id), { roles: ["institution_admin"] }))).toEqual([
      422,
      "role_manages_people",
    ]);
  });

  it("is made by its own institution's administrators alone, and is nobody else's to see", async () => {
    expect((await make({}, people.member)).status).toBe(403);
    expect((await make({}, people.stranger)).status).toBe(404);
    expect((await make({}, platform.admin)).status).toBe(403);
    const { id } = (await make()).body;
    const there = paths.serviceAccount("northbank", id);
    const ownPath = paths.serviceAccount("southbank", id);
    for (const slug of ["northbank", "southbank"]) {
      expect([slug, (await people.stranger.get(paths.serviceTokens(slug, id))).status]).toEqual([slug, 404]);
    }
    for (const path of [there, ownPath]) {
      expect([path, (await people.stranger.get(path)).status]).toEqual([path, 404]);
      expect([path, (await people.stranger.delete(path)).status]).toEqual([path, 404]);
    }
    expect((await platform.admin.post(paths.serviceTokens("northbank", id), { name: "x", scopes: ["models:read"] })).status).toBe(403);
  });

  it("neither signs in nor is a member", async () => {
    const { id } = (await make()).body;
    for (const password of ["", "x", "a long enough password"]) {
      const answer = await send(platform.url, "POST", paths.login(), { email: id, password });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    const { data } = (await people.admin.get(`${paths.members("northbank")}?limit=100`)).body;
    expect(data.map((member: { id: string }) => member.id)).not.toContain(id);
    expect((await people.admin.patch(paths.member("northbank", id), { roles: ["institution_admin"] })).status).toBe(400);
    expect((await people.admin.delete(paths.member("northbank", id))).status).toBe(400);
  });
});

describe("its tokens", () => {
  it("work for it under its own name, are shown once, and open no more than its roles and its maker's", async () => {
    const { id } = (await make()).body;
    const made = await tokenFor(id);
    expect([made.status, made.body.madeBy, made.body.secret.startsWith("zig_")]).toEqual([201, "admin", true]);
    expect((await ask(made.body.secret)).body).toMatchObject({ id, name: `pipeline ${count}`, scopes: ["models:read", "models:write"] });
    const listed = await people.admin.get(paths.serviceTokens("northbank", id));
    expect([listed.text.includes(made.body.secret), listed.body.data[0].lastUsedAt === null]).toEqual([false, false]);
    expect((await people.admin.get(paths.serviceAccount("northbank", id))).body).toMatchObject({
      tokens: 1,
      lastUsedAt: expect.any(String),
    });
    expect(codes(await tokenFor(id, { scopes: ["jobs:approve"] }))).toEqual([422, "scope"]);
    expect(codes(await tokenFor(id, { expiresAt: new Date(Date.now() + 400 * 86_400_000).toISOString() }))).toEqual([422, "expires_at"]);
    expect(Math.round((Date.parse(made.body.expiresAt) - Date.now()) / 86_400_000)).toBe(90);
    // Neither its own tokens nor other accounts are made with it.
    expect((await ask(made.body.secret, paths.serviceAccounts("northbank"), "POST", {})).status).toBe(403);
  });

  it("are rotated with an overlap, and revoked at once", async () => {
    const { id } = (await make()).body;
    const old = (await tokenFor(id)).body;
    const next = await people.admin.post(paths.serviceTokenRotation("northbank", id, old.id), { overlapHours: 1 });
    expect([next.status, (await ask(old.secret)).status, (await ask(next.body.secret)).status]).toEqual([201, 200, 200]);
    expect((await people.admin.delete(paths.serviceToken("northbank", id, old.id))).status).toBe(204);
    expect([(await ask(old.secret)).status, (await ask(next.body.secret)).status]).toEqual([401, 200]);
    expect((await people.admin.delete(paths.serviceToken("northbank", id, old.id))).status).toBe(404);
    // A person's token is none of it.
    const personal = (await people.member.post(paths.tokens(), { name: "mine", scopes: ["models:read"] })).body;
    expect((await people.admin.delete(paths.serviceToken("northbank", id, personal.id))).status).toBe(404);
  });

  it("open nothing from the next request on once the account is removed or loses its role", async () => {
    const { id } = (await make()).body;
    const { secret } = (await tokenFor(id)).body;
    await people.admin.patch(paths.serviceAccount("northbank", id), { roles: ["auditor"] });
    expect((await ask(secret)).body.scopes).toEqual(["models:read"]);
    expect((await people.admin.delete(paths.serviceAccount("northbank", id))).status).toBe(204);
    expect((await ask(secret)).status).toBe(401);
    expect((await people.admin.get(paths.serviceAccount("northbank", id))).status).toBe(404);
  });
});

describe("whoever answers for it", () => {
  it("does not leave before somebody else does; where they left all the same, its tokens rest", async () => {
    const leaver = await platform.addPerson("northbank", `leaver-${count}@north.example`, "institution_member");
    const { id } = (await make({ responsible: leaver.viewer.userId })).body;
    const { secret } = (await tokenFor(id)).body;
    const refused = await people.admin.delete(paths.member("northbank", leaver.viewer.userId));
    expect(codes(refused)).toEqual([409, "answers_for_services"]);
    expect(refused.body.detail).toContain(`pipeline ${count}`);
    await asSystem(platform, "update users set removed_at = now() where id = $1", [leaver.viewer.userId]);
    expect((await ask(secret)).status).toBe(401);
    expect((await people.admin.get(paths.serviceAccount("northbank", id))).body.isActive).toBe(false);
    await people.admin.patch(paths.serviceAccount("northbank", id), { responsible: people.admin.viewer.userId });
    expect((await ask(secret)).status).toBe(200);
  });

  it("and whoever made its token count as one with it: neither releases what it made, and it releases nothing", async () => {
    const ann = await platform.addPerson("northbank", `ann-${count}@north.example`, "institution_admin");
    const role = await people.admin.post(paths.roles("northbank"), {
      name: `Releases ${count}`,
      scopes: ["models:read", "models:release"],
    });
    const { id } = (await make({ responsible: people.admin.viewer.userId, customRoles: [role.body.id] })).body;
    const scopes = ["models:read", "models:write", "models:release"];
    const { secret } = (await tokenFor(id, { scopes }, ann)).body;
    const robot = { ...people.member, ...clientFor(secret) };
    const made = await draft(robot, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    await move(people.member, made.body.ref, "sealed");
    await move(people.member, made.body.ref, "in_review");
    const own = ["own_registration", "own_upload"];
    expect(codes(await move(people.admin, made.body.ref, "released"))).toEqual(expect.arrayContaining([403, ...own]));
    expect(codes(await move(ann, made.body.ref, "released"))).toEqual(expect.arrayContaining([403, ...own]));
    expect(codes(await move(people.northReleaser, made.body.ref, "released"))).not.toEqual(expect.arrayContaining(own));
    expect(codes(await move(robot, made.body.ref, "released"))).toContain("not_a_person");
    const noted = await asSystem(platform, "select people from contributions where object_id = $1 and kind = 'registered'", [
      await versionId(platform, made.body.ref),
    ]);
    expect(noted).toEqual([{ people: [id, people.admin.viewer.userId, ann.viewer.userId] }]);
  });
});

function clientFor(secret: string): Pick<Client, "get" | "post" | "put" | "headers"> {
  const headers = { authorization: `Bearer ${secret}` };
  return {
    headers,
    get: (path) => send(platform.url, "GET", path, undefined, headers),
    post: (path, body) => send(platform.url, "POST", path, body, headers),
    put: (path, body) => send(platform.url, "PUT", path, body, headers),
  };
}

it("stands in the access review with what it is for, who answers for it and what it may do", async () => {
  const { id, name } = (await make()).body;
  await tokenFor(id);
  const { data } = (await people.admin.get(`${paths.accessReview()}?limit=100`)).body;
  expect(data.find(({ user }: { user: string }) => user === id)).toMatchObject({
    name,
    email: "",
    service: { purpose: "uploads what was trained elsewhere", responsible: "member", isActive: true },
    granted: { by: "admin" },
    credentials: { sessions: 0, tokens: [{ name: "nightly", scopes: ["models:read", "models:write"] }] },
  });
});
