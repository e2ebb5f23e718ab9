import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { start as leave } from "../../test/exit-fixtures.js";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let bank: { readonly id: string };
let things = 0;
beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer } });
  await platform.addInstitution("northbank");
  await platform.addInstitution("eastcap");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  bank = await aProvider(admin, "northbank");
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});
beforeEach(() => {
  things += 1;
});

const codes = ({ status, body }: Answer) => [
  status,
  ...(body?.errors ?? []).map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
];
async function aProvider(by: Client, institution: string): Promise<{ readonly id: string }> {
  const made = await by.post(paths.identityProviders(institution), {
    kind: "oidc",
    name: "Sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
  });
  expect(made.status, made.text).toBe(201);
  return { id: made.body.id, ...made.body.ours };
}
const map = (mapping: readonly object[], by: Client = admin, provider = bank, institution = "northbank") =>
  by.patch(paths.identityProvider(institution, provider.id), { mapping });
async function aRole(scopes: readonly string[] = ["models:read", "audit:read"], by: Client = admin): Promise<string> {
  const made = await by.post(paths.roles(by.viewer.institutionSlug), { name: `Role ${things} of ${scopes.length}`, scopes });
  expect(made.status, made.text).toBe(201);
  return made.body.id;
}
/** Somebody comes through the provider with these groups. */
async function enter(sub: string, groups: readonly string[], provider: object = bank, place = "northbank") {
  const { id, callbackUrl, logoutUrl }: { id: string; callbackUrl: string; logoutUrl: string } = Object(provider);
  op.serve(callbackUrl, logoutUrl);
  op.account = { sub, email: `${sub}@${place}.example`, groups };
  const walker = new Walker(platform.url);
  return { walker, place: await walker.walk(paths.signInStart("oidc", id)) };
}
const memberOf = async (sub: string, institution = "northbank", by: Client = admin) =>
  (await by.get(`${paths.members(institution)}?limit=200`)).body.data.find(({ email }: { email: string }) => email.startsWith(`${sub}@`));

describe("a group of a provider", () => {
  it("gives a role of the institution's own with the sign-in, and takes it away with the next that does not name the group", async () => {
    const role = await aRole();
    const mapped = await map([{ group: "books", roles: [], customRoles: [role] }]);
    expect([mapped.status, mapped.body.mapping]).toEqual([200, [{ group: "books", roles: [], customRoles: [role] }]]);
    const sub = `reader-${things}`;
    const { walker } = await enter(sub, ["books"]);
    expect((await walker.me()).body).toMatchObject({ roles: [], scopes: ["models:read", "audit:read"] });
    const member = await memberOf(sub);
    expect(member.customRoles.map(({ id }: { id: string }) => id)).toEqual([role]);
    await enter(sub, ["books"]);
    await enter(sub, []);
    expect((await walker.me()).body.scopes).toEqual([]);
    const changes = await asSystem<{ action: string }>(
      platform,
      "select action from audit_entries where object = $1 and action = 'member.roles'",
      [member.id],
    );
    expect(changes).toHaveLength(2);
  });

  it("takes no role away that an administrator gave, also where the group gave the same", async () => {
    const [given, other] = [await aRole(), await aRole(["models:read"])];
    await map([{ group: "books", roles: ["auditor"], customRoles: [other] }]);
    const sub = `kept-${things}`;
    await enter(sub, ["books"]);
    const { id } = await memberOf(sub);
    await admin.patch(paths.member("northbank", id), { roles: ["auditor"], customRoles: [given, other] });
    await enter(sub, []);
    expect((await memberOf(sub)).customRoles.map((one: { id: string }) => one.id)).toEqual([given]);
    // What is left out of a mapping that is sent again stays as it was.
    await map([{ group: "books", roles: ["compliance_reviewer"] }]);
    await enter(sub, ["books"]);
    expect(await memberOf(sub)).toMatchObject({ roles: ["compliance_reviewer"], customRoles: [{ id: other }, { id: given }] });
    await map([{ group: "books", roles: [], customRoles: [given] }]);
    await enter(sub, ["books"]);
    await enter(sub, []);
    expect((await memberOf(sub)).customRoles.map((one: { id: string }) => one.id)).toEqual([given]);
  });

  it("makes engineers of the platform at the tiers that are said, which must be", async () => {
    const own = await aProvider(platform.admin, "platform");
    const at = (mapping: readonly object[]) => map(mapping, platform.admin, own, "platform");
    expect(codes(await at([{ group: "ops", roles: ["platform_engineer"] }]))).toEqual([422, "tiers_required /mapping/0/tiers"]);
    expect(codes(await at([{ group: "ops", roles: ["auditor"], tiers: ["finance"] }]))).toEqual([422, "tiers_of_nobody /mapping/0/tiers"]);
    const engineer = (group: string, ...tiers: string[]) => ({ group, roles: ["platform_engineer"], tiers });
    expect((await at([engineer("industry", "finance"), engineer("ground", "foundation")])).status).toBe(200);
    const tiersOf = async (groups: readonly string[]) => {
      await enter("op", groups, own, "platform");
      return (await memberOf("op", "platform", platform.admin)).tiers;
    };
    expect(await tiersOf(["industry"])).toEqual(["finance"]);
    expect(await tiersOf(["ground"])).toEqual(["foundation"]);
    expect(await tiersOf(["ground", "industry"])).toEqual(["foundation", "finance"]);
    expect(await tiersOf([])).toEqual([]);
  });

  it("that made engineers before tiers were said of groups leaves them the tiers they have", async () => {
    const own = await aProvider(platform.admin, "platform");
    await asSystem(
      platform,
      `update identity_providers set mapping = '[{"group": "ops", "roles": ["platform_engineer"]}]', updated_at = now() where id = $1`,
      [own.id],
    );
    await enter("old", ["ops"], own, "platform");
    const { id, tiers } = await memberOf("old", "platform", platform.admin);
    expect(tiers).toEqual(["foundation", "finance"]);
    await platform.admin.patch(paths.member("platform", id), { roles: ["platform_engineer"], tiers: ["finance"] });
    await enter("old", ["ops"], own, "platform");
    expect((await memberOf("old", "platform", platform.admin)).tiers).toEqual(["finance"]);
    const same = await map([{ group: "ops", roles: ["platform_engineer", "auditor"] }], platform.admin, own, "platform");
    expect([same.status, same.body.mapping]).toEqual([200, [{ group: "ops", roles: ["platform_engineer", "auditor"], customRoles: [] }]]);
  });
});

describe("whoever maps a group", () => {
  it("gives no more by it than they have themselves, and only roles of their own institution", async () => {
    const role = await aRole(["models:read", "jobs:approve"]);
    const stranger = await platform.addPerson("eastcap", `boss-${things}@eastcap.example`, "institution_admin");
    const theirs = await aRole(["models:read"], stranger);
    const narrow = await platform.as("admin@northbank.example", ["institutions:write", "institutions:read", "models:read"]);
    const refused = await map(
      [
        { group: "a", roles: ["institution_admin"] },
        { group: "b", roles: [], customRoles: [role] },
        { group: "c", roles: ["auditor"], customRoles: [theirs] },
      ],
      narrow,
    );
    expect(codes(refused)).toEqual([
      422,
      "role_exceeds /mapping/0/roles/0",
      "role_exceeds /mapping/1/customRoles/0",
      "role_unknown /mapping/2/customRoles/0",
      "role_exceeds /mapping/2/roles/0",
    ]);
    expect(codes(await map([{ group: "nothing", roles: [], customRoles: [] }]))[0]).toBe(400);
    // What a group gave before is not given by whoever sends it again.
    expect((await map([{ group: "b", roles: [], customRoles: [role] }])).status).toBe(200);
    expect((await map([{ group: "b", roles: [], customRoles: [role] }], narrow)).status).toBe(200);
    expect(codes(await map([{ group: "renamed", roles: [], customRoles: [role] }], narrow))).toEqual([
      422,
      "role_exceeds /mapping/0/customRoles/0",
    ]);
  });

  it("keeps a role from being removed until no group gives it any more, also by the platform, which sees no groups", async () => {
    const role = await aRole();
    const at = paths.role("northbank", role);
    const group = (await admin.post("/scim/v2/Groups", { displayName: `Books ${things}` })).body.id;
    await map([{ group: "books", roles: [], customRoles: [role] }]);
    await admin.put(paths.scimGroup("northbank", group), { roles: [], customRoles: [role] });
    expect((await admin.get(at)).body).toMatchObject({ holders: 0, groups: 2 });
    expect(codes(await admin.delete(at))).toEqual([409, "role_in_use undefined"]);
    await map([]);
    const byPlatform = await platform.admin.delete(at);
    expect([...codes(byPlatform), byPlatform.body.detail]).toEqual([
      409,
      "role_in_use undefined",
      "1 groups give it; take it from them first",
    ]);
    await expect(asSystem(platform, "update custom_roles set removed_at = now() where id = $1", [role])).rejects.toMatchObject({
      code: "ZG006",
    });
    await admin.put(paths.scimGroup("northbank", group), { roles: [], customRoles: [] });
    expect((await platform.admin.delete(at)).status).toBe(204);
  });
});

it("lets people of an institution that is leaving in, and gives them nothing new", async () => {
  await platform.addInstitution("leaving");
  const boss = await platform.addPerson("leaving", "boss@leaving.example", "institution_admin");
  const provider = await aProvider(boss, "leaving");
  const role = await aRole(["models:read"], boss);
  await map([{ group: "books", roles: [], customRoles: [role] }], boss, provider, "leaving");
  await enter("late", [], provider, "leaving");
  expect((await leave(boss, "leaving")).status).toBeLessThan(300);
  const { walker, place } = await enter("late", ["books"], provider, "leaving");
  expect([place, (await walker.me()).body.scopes]).toEqual(["/", []]);
});
