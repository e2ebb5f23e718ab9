import { paths, SCOPES } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, draft, forceState, move, register, sealed } from "../../test/registry-fixtures.js";

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

const ROWS = '{"messages":[{"role":"user","content":"lost"},{"role":"assistant","content":"block"}]}\n';
const READS = ["models:read", "jobs:read"];
const codes = ({ status, body }: Answer) => [status, ...(body?.errors ?? []).map(({ code }: { code: string }) => code)];
const make = (scopes: readonly string[], by: Client = people.admin, name = `Role ${count}`) =>
  by.post(paths.roles(by.viewer.institutionSlug), { name, scopes });
/** Somebody who holds one role of the institution's own and no other. */
async function holding(scopes: readonly string[]): Promise<{ readonly client: Client; readonly role: string }> {
  const role = (await make(scopes)).body.id;
  const email = `holder-${count}@north.example`;
  const added = await people.admin.post(paths.members("northbank"), {
    email,
    name: "holder",
    roles: [],
    customRoles: [role],
    password: "a long enough password",
  });
  expect(added.status).toBe(201);
  return { client: await platform.as(email), role };
}

describe("a role of the institution's own", () => {
  it("is made of what its built-in roles give, never of what manages people, and never of more than its author has", async () => {
    expect((await make(READS)).body).toMatchObject({ name: `Role ${count}`, scopes: READS, holders: 0, createdBy: "admin" });
    expect(codes(await make(["institutions:write", "admin"], people.admin, "Rules"))).toEqual([
      422,
      "scope_not_giveable",
      "scope_not_giveable",
    ]);
    const narrow = await platform.as("admin@north.example", ["institutions:write", "models:read"]);
    expect(codes(await make(["models:read", "jobs:approve"], narrow, "Escalates"))).toEqual([422, "role_exceeds"]);
    expect(codes(await make(READS, people.admin, "Institution Admin"))).toEqual([422, "role_name"]);
    expect(codes(await make(READS))).toEqual([409, "duplicate"]);
    expect((await make(READS, people.member, "Mine")).status).toBe(403);
  });

  it("is another institution's neither to see, nor to change, nor to give", async () => {
    const { id } = (await make(READS)).body;
    for (const slug of ["northbank", "southbank"]) {
      expect((await people.stranger.get(paths.role(slug, id))).status).toBe(404);
      expect((await people.stranger.patch(paths.role(slug, id), { name: "theirs" })).status).toBe(404);
      expect((await people.stranger.delete(paths.role(slug, id))).status).toBe(404);
    }
    const given = await people.stranger.patch(paths.member("southbank", people.stranger.viewer.userId), {
      roles: ["institution_admin"],
      customRoles: [id],
    });
    expect(codes(given)).toEqual([422, "role_unknown"]);
  });

  it("is given only by who has what it gives, also as a built-in one", async () => {
    const { id } = (await make(["jobs:approve", "models:read"])).body;
    const narrow = await platform.as("admin@north.example", ["institutions:write", "models:read"]);
    const member = paths.member("northbank", people.member.viewer.userId);
    expect(codes(await narrow.patch(member, { roles: ["institution_member"], customRoles: [id] }))).toEqual([422, "role_exceeds"]);
    expect(codes(await narrow.patch(member, { roles: ["institution_member", "institution_admin"] }))).toEqual([422, "role_exceeds"]);
    expect((await narrow.patch(member, { roles: ["institution_member"] })).status).toBe(200);
  });

  it("that releases is made nobody's by themselves: not by giving it, not by adding to one they hold, not as a built-in one", async () => {
    const releasing = (await make(["models:read", "models:release"])).body.id;
    const reading = (await make(READS, people.admin, `Reading ${count}`)).body.id;
    const self = paths.member("northbank", people.admin.viewer.userId);
    const as = (roles: readonly string[], customRoles: readonly string[] = []) => people.admin.patch(self, { roles, customRoles });
    expect(codes(await as(["institution_admin", "compliance_reviewer"]))).toEqual([422, "role_to_oneself"]);
    expect(codes(await as(["institution_admin"], [releasing]))).toEqual([422, "role_to_oneself"]);
    expect((await as(["institution_admin", "auditor"], [reading])).status).toBe(200);
    const added = { scopes: [...READS, "models:release"] };
    expect(codes(await people.admin.patch(paths.role("northbank", reading), added))).toEqual([422, "role_to_oneself"]);
    // Another administrator does, and what is held is held on.
    expect((await people.northReleaser.patch(self, { roles: ["institution_admin", "compliance_reviewer"], customRoles: [] })).status).toBe(
      200,
    );
    expect((await as(["institution_admin", "compliance_reviewer", "auditor"])).status).toBe(200);
    expect((await people.northReleaser.patch(paths.role("northbank", reading), added)).status).toBe(200);
    expect((await as(["institution_admin"])).status).toBe(200);
  });

  it("carries the approval of jobs, and nothing besides", async () => {
    const { client } = await holding([...READS, "jobs:approve"]);
    const rows = await dataset(people.member, `northbank/rows-${count}`, ROWS, "chat");
    const tune = {
      kind: "tune",
      method: "lora",
      model: "northbank/cards",
      parent: people.finance,
      datasets: [rows],
      seed: 1,
      reason: "try",
    };
    const asked = await people.member.post(paths.jobs(), { ...tune, evaluateOn: [], hyperparameters: {} });
    expect((await client.post(paths.jobs(), { ...tune, evaluateOn: [], hyperparameters: {} })).status).toBe(403);
    expect((await client.post(paths.jobAction(asked.body.id, "cancel"), {})).status).toBe(403);
    const approved = await client.post(paths.jobAction(asked.body.id, "approve"), { reason: "fine" });
    expect([approved.status, approved.body.state]).toEqual([200, "queued"]);
  });

  it("carries releasing, withdrawing and registering at home, each by itself", async () => {
    const { client } = await holding(["models:read", "models:withdraw"]);
    const ref = await sealed(people.member, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    expect(codes(await move(client, ref, "in_review"))).toContain("role");
    expect((await move(client, ref, "quarantined")).status).toBe(200);
    expect((await move(client, people.finance, "quarantined")).status).toBe(403);
    expect((await register({ ...client }, { tier: "institution", slug: `line-${count}` })).status).toBe(403);
    expect((await draft(people.member, "northbank/cards")).status).toBe(201);
  });

  it("takes effect in sessions and tokens with the next request, changed or taken away", async () => {
    const { client, role } = await holding(["models:read", "models:release", "audit:read"]);
    expect((await client.get(paths.audit())).status).toBe(200);
    expect((await people.admin.patch(paths.role("northbank", role), { scopes: ["models:read"] })).status).toBe(200);
    expect((await client.get(paths.audit())).status).toBe(403);
    expect((await client.get(paths.me())).body.scopes).toEqual(["models:read"]);
    await people.admin.patch(paths.member("northbank", client.viewer.userId), { roles: ["auditor"], customRoles: [] });
    expect((await client.get(paths.me())).body.scopes).toContain("audit:read");
  });

  it("shows first whom a change concerns, and is not removed while somebody holds it", async () => {
    const { client, role } = await holding(["models:read", "audit:read"]);
    await people.admin.patch(paths.member("northbank", client.viewer.userId), { roles: ["auditor"] });
    const preview = await people.admin.post(paths.rolePreview("northbank", role), { scopes: ["models:read", "jobs:approve"] });
    expect(preview.body).toEqual({
      holders: [{ user: client.viewer.userId, name: "holder", isService: false, gains: ["jobs:approve"], loses: [] }],
    });
    expect((await people.admin.get(paths.role("northbank", role))).body.scopes).toEqual(["models:read", "audit:read"]);
    expect((await people.member.post(paths.rolePreview("northbank", role), { scopes: [] })).status).toBe(403);
    expect(codes(await people.admin.delete(paths.role("northbank", role)))).toEqual([409, "role_in_use"]);
    await people.admin.patch(paths.member("northbank", client.viewer.userId), { roles: ["auditor"], customRoles: [] });
    expect((await people.admin.delete(paths.role("northbank", role))).status).toBe(204);
    expect((await people.admin.get(paths.role("northbank", role))).status).toBe(404);
    const { data } = (await people.admin.get(`${paths.audit()}?filter[object]=${role}`)).body;
    expect(data.map(({ action }: { action: string }) => action)).toEqual(["role.remove", "role.create"]);
  });

  it("is the reason that the access review gives, by its name", async () => {
    const { client } = await holding(["models:read", "models:release"]);
    const { data } = (await people.admin.get(`${paths.accessReview()}?filter[scope]=models:release&limit=100`)).body;
    const person = data.find(({ user }: { user: string }) => user === client.viewer.userId);
    expect(person).toMatchObject({
      roles: [],
      customRoles: [`Role ${count}`],
      scopes: [
        { scope: "models:read", because: [`Role ${count}`] },
        { scope: "models:release", because: [`Role ${count}`] },
      ],
      deeds: [
        { tier: "institution", deed: "approve", because: [`Role ${count}`] },
        { tier: "institution", deed: "release", because: [`Role ${count}`] },
      ],
    });
  });
});

describe("an engineer", () => {
  const one = async (tiers?: readonly string[]) => {
    const email = `engineer-${count}@platform.example`;
    const body = { email, name: "one", roles: ["platform_engineer"], password: "a long enough password", ...(tiers ? { tiers } : {}) };
    return { email, answer: await platform.admin.post(paths.members("platform"), body) };
  };

  it("is let work at named tiers, which must be said; those from before work at all", async () => {
    expect(codes((await one()).answer)).toEqual([422, "tiers_required"]);
    expect((await one(["finance"])).answer.body.tiers).toEqual(["finance"]);
    const odd = { email: "odd@platform.example", name: "odd", roles: ["auditor"], tiers: ["finance"] };
    expect(codes(await platform.admin.post(paths.members("platform"), odd))).toEqual([422, "tiers_of_nobody"]);
    const { data } = (await platform.admin.get(`${paths.members("platform")}?limit=100`)).body;
    expect(data.find(({ email }: { email: string }) => email === "engineer@platform.example").tiers).toEqual(["foundation", "finance"]);
  });

  it("does nothing at another tier: registers, drafts, brings data, imports, asks for jobs, releases, withdraws", async () => {
    const { email } = await one(["finance"]);
    const engineer = await platform.as(email);
    const foundation = await sealed(people.engineer, "foundation/base");
    const source = { kind: "directory", path: "/nowhere" };
    const refusals = [
      await register(engineer, { tier: "foundation", slug: `line-${count}` }),
      await draft(engineer, "foundation/base"),
      await engineer.post(paths.datasets(), {
        namespace: "foundation",
        slug: `rows-${count}`,
        name: "rows",
        format: "text",
        licence: "CC0-1.0",
        legalBasis: "own_generation",
        sensitivity: "public",
      }),
      await engineer.post(paths.imports(), { model: "foundation/base", source, artifactKind: "full", parents: [], seal: false }),
      await engineer.post(paths.jobs(), {
        kind: "evaluate",
        model: "foundation/base",
        parent: foundation,
        datasets: [],
        hyperparameters: {},
        seed: 1,
        reason: "",
      }),
      await move(engineer, foundation, "in_review"),
      await move(engineer, foundation, "quarantined"),
      await engineer.put(paths.alias("foundation/base", "stable"), { version: 1, reason: "" }),
      await engineer.post(paths.recallPreview(), { version: foundation }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 403));
    expect((await register(engineer, { tier: "finance", slug: `line-${count}` })).status).toBe(201);
    await platform.admin.patch(paths.member("platform", engineer.viewer.userId), {
      roles: ["platform_engineer"],
      tiers: ["foundation", "finance"],
    });
    expect((await move(engineer, foundation, "in_review")).status).toBe(200);
  });

  it("who works at one tier withdraws nothing of an institution's", async () => {
    const { email } = await one(["finance"]);
    const engineer = await platform.as(email);
    const ref = await sealed(people.member, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    expect((await move(engineer, ref, "quarantined")).status).toBe(403);
    expect((await move(people.engineer, ref, "quarantined")).status).toBe(200);
    await forceState(platform, ref, "sealed");
  });
});

it("gives out no scope that is not in the vocabulary", async () => {
  expect(codes(await make(["everything"]))[0]).toBe(400);
  expect(SCOPES).not.toContain("everything");
});
