import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, type TestPlatform } from "../../test/harness.js";
import { aDirectory, GROUP, patch, SCIM, USER } from "../../test/scim-fixtures.js";

let platform: TestPlatform;
let bank: Client;
let other: Client;
let things = 0;
beforeAll(async () => {
  ({ platform, bank, other } = await aDirectory());
});
afterAll(() => platform?.close());

const group = (displayName: string, ...members: string[]) => ({
  schemas: [GROUP],
  displayName,
  members: members.map((value) => ({ value })),
});
const at = (id: string) => `${SCIM}/Groups/${id}`;
const map = (id: string, roles: readonly string[], client = bank) => client.put(paths.scimGroup("bank", id), { roles });

async function person(client = bank): Promise<string> {
  things += 1;
  const answer = await client.post(`${SCIM}/Users`, { schemas: [USER], userName: `person-${things}@bank.example` });
  return answer.body.id;
}
async function aGroup(...members: string[]): Promise<string> {
  things += 1;
  const answer = await bank.post(`${SCIM}/Groups`, group(`Group ${things}`, ...members));
  expect(answer.status, answer.text).toBe(201);
  return answer.body.id;
}
async function rolesOf(id: string): Promise<string[]> {
  const [row] = await asSystem<{ roles: string[] }>(platform, "select roles from users where id = $1", [id]);
  return [...(row?.roles ?? [])].sort();
}

describe("a group of the directory", () => {
  it("gives nothing until an administrator says what, then that to all its members, and no more to who leaves it", async () => {
    const [ada, bob] = [await person(), await person()];
    const id = await aGroup(ada, bob);
    expect([await rolesOf(ada), await rolesOf(bob)]).toEqual([[], []]);
    const mapped = await map(id, ["institution_member", "auditor", "auditor"]);
    expect([mapped.status, mapped.body.roles, mapped.body.members]).toEqual([200, ["institution_member", "auditor"], 2]);
    expect([await rolesOf(ada), await rolesOf(bob)]).toEqual([
      ["auditor", "institution_member"],
      ["auditor", "institution_member"],
    ]);
    await bank.patch(at(id), patch({ op: "remove", path: `members[value eq "${ada}"]` }));
    expect([await rolesOf(ada), await rolesOf(bob)]).toEqual([[], ["auditor", "institution_member"]]);
    await bank.patch(at(id), patch({ op: "Add", path: "members", value: [{ value: ada }] }));
    expect(await rolesOf(ada)).toEqual(["auditor", "institution_member"]);
    await map(id, ["auditor"]);
    expect([await rolesOf(ada), await rolesOf(bob)]).toEqual([["auditor"], ["auditor"]]);
    expect((await bank.delete(at(id))).status).toBe(204);
    expect([await rolesOf(ada), await rolesOf(bob)]).toEqual([[], []]);
  });

  it("takes no role away that was given by hand, or by another group", async () => {
    const ada = await person();
    await bank.patch(paths.member("bank", ada), { roles: ["compliance_reviewer"] });
    const [one, two] = [await aGroup(ada), await aGroup(ada)];
    await map(one, ["compliance_reviewer", "auditor"]);
    await map(two, ["auditor", "institution_member"]);
    expect(await rolesOf(ada)).toEqual(["auditor", "compliance_reviewer", "institution_member"]);
    await bank.delete(at(one));
    expect(await rolesOf(ada)).toEqual(["auditor", "compliance_reviewer", "institution_member"]);
    await bank.put(at(two), group("Nobody left"));
    expect(await rolesOf(ada)).toEqual(["compliance_reviewer"]);
  });

  it("gives roles of the institution's own as well, and takes none that were given by hand", async () => {
    const made = async (name: string) => (await bank.post(paths.roles("bank"), { name, scopes: ["models:read"] })).body.id;
    const [books, desk] = [await made("Books"), await made("Desk")];
    const [ada, bob] = [await person(), await person()];
    await bank.patch(paths.member("bank", ada), { roles: [], customRoles: [desk] });
    const id = await aGroup(ada, bob);
    const mapped = await bank.put(paths.scimGroup("bank", id), { roles: ["auditor"], customRoles: [books, desk] });
    expect(mapped.body).toMatchObject({ roles: ["auditor"], customRoles: [{ name: "Books" }, { name: "Desk" }], tiers: [] });
    const heldBy = async (userId: string) => {
      const rows = await asSystem<{ name: string }>(
        platform,
        "select r.name from role_holders h join custom_roles r on r.id = h.role_id where h.user_id = $1 order by 1",
        [userId],
      );
      return rows.map(({ name }) => name);
    };
    expect([await heldBy(ada), await heldBy(bob)]).toEqual([
      ["Books", "Desk"],
      ["Books", "Desk"],
    ]);
    // What is left out stays; the same again changes nothing and is not noted.
    await map(id, ["auditor"]);
    const changes = await asSystem(platform, "select 1 from audit_entries where object = $1 and action = 'member.roles'", [bob]);
    expect(changes).toHaveLength(1);
    await bank.patch(`${SCIM}/Users/${ada}`, patch({ op: "replace", path: "active", value: false }));
    await bank.patch(`${SCIM}/Users/${ada}`, patch({ op: "replace", path: "active", value: true }));
    await bank.delete(at(id));
    // The role by hand went with the absence, those of the group with the group.
    expect([await heldBy(ada), await heldBy(bob)]).toEqual([[], []]);
  });

  it("makes the platform's engineers at the tiers that are said, beside those by hand", async () => {
    const { admin } = platform;
    const engineer = await platform.addPerson("platform", "finance@ziggurat.example", "platform_engineer");
    const id = engineer.viewer.userId;
    await admin.patch(paths.member("platform", id), { roles: ["platform_engineer"], tiers: ["finance"] });
    const made = await admin.post(`${SCIM}/Groups`, group("Ground", id));
    const mapping = (body: object) => admin.put(paths.scimGroup("platform", made.body.id), body);
    const tiers = async () => (await asSystem<{ tiers: string[] }>(platform, "select tiers from users where id = $1", [id]))[0]?.tiers;
    expect((await mapping({ roles: ["platform_engineer"] })).body.errors).toMatchObject([{ code: "tiers_required" }]);
    expect((await mapping({ roles: ["platform_engineer"], tiers: ["foundation"] })).body.tiers).toEqual(["foundation"]);
    expect(await tiers()).toEqual(["foundation", "finance"]);
    await admin.delete(at(made.body.id));
    expect(await tiers()).toEqual(["finance"]);
  });

  it("stays when its member is made inactive, gives nothing meanwhile, and again when they are back", async () => {
    const ada = await person();
    const id = await aGroup(ada);
    await map(id, ["auditor"]);
    await bank.patch(`${SCIM}/Users/${ada}`, patch({ op: "replace", path: "active", value: false }));
    await map(id, ["institution_member"]);
    const back = await bank.patch(`${SCIM}/Users/${ada}`, patch({ op: "replace", path: "active", value: true }));
    expect([await rolesOf(ada), back.body.groups.map(({ value }: { value: string }) => value)]).toEqual([["institution_member"], [id]]);
    await bank.delete(`${SCIM}/Users/${ada}`);
    expect((await bank.get(at(id))).body.members).toBeUndefined();
  });

  it("does not take the last administrator away, by its members, its end or its mapping", async () => {
    await platform.addInstitution("solo");
    const boss = await platform.addPerson("solo", "boss@solo.example", "institution_admin");
    const self = boss.viewer.userId;
    const { id } = (await boss.post(`${SCIM}/Groups`, group("Admins", self))).body;
    const mapping = (roles: readonly string[]) => boss.put(paths.scimGroup("solo", id), { roles });
    expect((await mapping(["institution_admin"])).status).toBe(200);
    // As if the group alone had given it.
    await asSystem(
      platform,
      "insert into scim_users (user_id, institution_id, group_roles) select id, institution_id, '{institution_admin}' from users where id = $1",
      [self],
    );
    const answers = [
      await boss.put(at(id), group("Admins")),
      await boss.patch(at(id), patch({ op: "remove", path: "members" })),
      await boss.delete(at(id)),
      await mapping(["auditor"]),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
    expect(answers[0]?.body.detail).toContain("last administrator");
    expect(await rolesOf(self)).toContain("institution_admin");
  });

  it("is answered as it is, unchanged by the same again, and with members only where they are asked for", async () => {
    const ada = await person();
    const id = await aGroup(ada);
    const first = await bank.get(at(id));
    expect(first.body).toMatchObject({ schemas: [GROUP], id, members: [{ value: ada, type: "User" }], meta: { resourceType: "Group" } });
    const again = await bank.patch(at(id), patch({ op: "add", path: "members", value: [{ value: ada }, { value: ada }] }));
    expect([again.status, again.body]).toEqual([200, first.body]);
    const entries = await asSystem(platform, "select 1 from audit_entries where object = $1", [id]);
    expect(entries).toHaveLength(1);
    expect((await bank.get(`${at(id)}?excludedAttributes=members`)).body.members).toBeUndefined();
    const filter = encodeURIComponent(`members[value eq "${ada}"]`);
    expect((await bank.get(`${SCIM}/Groups?filter=${filter}`)).body.Resources.map((one: { id: string }) => one.id)).toEqual([id]);
    expect(
      (await bank.get(`${SCIM}/Groups?filter=${encodeURIComponent(`displayName eq "${first.body.displayName}"`)}&attributes=displayName`))
        .body.Resources,
    ).toEqual([{ schemas: [GROUP], id, displayName: first.body.displayName }]);
  });

  it("has a name of its own in its institution", async () => {
    const first = await bank.post(`${SCIM}/Groups`, group("Same"));
    const second = await bank.post(`${SCIM}/Groups`, group("SAME"));
    expect([first.status, second.status, second.body.scimType]).toEqual([201, 409, "uniqueness"]);
    expect((await other.post(`${SCIM}/Groups`, group("Same"))).status).toBe(201);
  });

  it("takes no member of another institution, and does not say that there is one", async () => {
    const theirs = await person(other);
    const nobody = `usr_${"0".repeat(32)}`;
    const id = await aGroup();
    for (const send of [
      (member: string) => bank.post(`${SCIM}/Groups`, group("With a stranger", member)),
      (member: string) => bank.put(at(id), group("With a stranger", member)),
      (member: string) => bank.patch(at(id), patch({ op: "add", path: "members", value: [{ value: member }] })),
    ]) {
      const [stranger, absent] = [await send(theirs), await send(nobody)];
      expect([stranger.status, stranger.body.scimType, stranger.text]).toEqual([400, "invalidValue", absent.text]);
    }
  });

  it("is not there for another institution, nor its mapping", async () => {
    const id = await aGroup(await person());
    const absent = await other.get(at(`scg_${"0".repeat(32)}`));
    for (const answer of [
      await other.get(at(id)),
      await other.put(at(id), group("Mine")),
      await other.patch(at(id), patch({ op: "replace", path: "displayName", value: "Mine" })),
      await other.delete(at(id)),
    ]) {
      expect([answer.status, answer.text]).toEqual([404, absent.text]);
    }
    expect((await other.put(paths.scimGroup("other", id), { roles: ["auditor"] })).status).toBe(404);
    expect([
      (await other.get(paths.scim("bank"))).status,
      (await other.get(paths.scimGroups("bank"))).status,
      (await map(id, ["auditor"], other)).status,
    ]).toEqual([404, 404, 404]);
    expect([(await platform.admin.get(paths.scim("bank"))).status, (await map(id, ["auditor"], platform.admin)).status]).toEqual([
      403, 403,
    ]);
  });

  it("gives no role of the platform's, and is mapped by administrators alone", async () => {
    const id = await aGroup();
    const refused = await map(id, ["platform_admin"]);
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "role_place"]);
    const member = await platform.addPerson("bank", "member@bank.example", "institution_member");
    expect((await map(id, ["institution_admin"], member)).status).toBe(403);
  });

  it("makes nobody a releaser who maps it and is in it", async () => {
    const boss = await platform.addPerson("bank", "both@bank.example", "institution_admin");
    const [theirs, others] = [await aGroup(boss.viewer.userId), await aGroup()];
    const refused = await map(theirs, ["compliance_reviewer"], boss);
    expect([refused.status, refused.body.errors?.[0]?.code]).toEqual([422, "role_to_oneself"]);
    expect((await map(others, ["compliance_reviewer"], boss)).status).toBe(200);
  });

  it("follows two changes at once as if they came after one another", async () => {
    const ada = await person();
    const [one, two] = [await aGroup(), await aGroup()];
    await map(one, ["auditor"]);
    await map(two, ["institution_member"]);
    await Promise.all([one, two].map((id) => bank.patch(at(id), patch({ op: "add", path: "members", value: [{ value: ada }] }))));
    expect(await rolesOf(ada)).toEqual(["auditor", "institution_member"]);
    await Promise.all([one, two].map((id) => bank.patch(at(id), patch({ op: "remove", path: "members" }))));
    expect(await rolesOf(ada)).toEqual([]);
  });
});

describe("what administrators see of the door", () => {
  it("is its address, when and by which token it was used, and the groups by name", async () => {
    await platform.addInstitution("fresh");
    const boss = await platform.addPerson("fresh", "boss@fresh.example", "institution_admin");
    const before = { baseUrl: `${platform.url}${SCIM}`, lastUsedAt: null, lastToken: null, people: 0, groups: 0 };
    expect((await boss.get(paths.scim("fresh"))).body).toEqual(before);
    for (const name of ["b", "a", "c"]) await boss.post(`${SCIM}/Groups`, group(name));
    const after = await boss.get(paths.scim("fresh"));
    expect(after.body).toEqual({ ...before, lastUsedAt: expect.any(String), lastToken: "token of boss@fresh.example", groups: 3 });
    const first = (await boss.get(`${paths.scimGroups("fresh")}?limit=2&include=total`)).body;
    const second = (await boss.get(`${paths.scimGroups("fresh")}?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.data, ...second.data].map(({ name }: { name: string }) => name)).toEqual(["a", "b", "c"]);
    expect([first.total, second.nextCursor]).toEqual([3, null]);
  });
});
