import { type GrantEntitlementInput, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, move, register, sealed } from "../../test/registry-fixtures.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { RecallAdvance } from "../recalls/recall-advance.service.js";
import { EntitlementWarnings } from "./entitlement-warnings.js";

const DAY = 86_400_000;
const inDays = (n: number) => new Date(Date.now() + n * DAY).toISOString();

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let line: string;
let version: string;
let lines = 0;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform?.close());

/** A finance line of its own for each test, released and closed. */
beforeEach(async () => {
  lines += 1;
  line = `finance/closed-${lines}`;
  await register(people.engineer, { tier: "finance", slug: `closed-${lines}` });
  const parents = [{ version: people.foundation, relation: "finetuned_from" }];
  version = await sealed(people.engineer, line, { parents });
  await asSystem(platform, "update versions set state = 'released', released_at = now() where id = $1", [await idOf(version)]);
  expect((await setOpen(false)).status).toBe(200);
});

const idOf = async (ref: string): Promise<string> => (await people.engineer.get(paths.version(ref))).body.id;
const setOpen = (isOpen: boolean, client: Client = platform.admin) => client.put(paths.lineAccess(line), { isOpen, reason: "test" });
const grant = (more: Partial<GrantEntitlementInput> = {}, slug = "northbank", client: Client = platform.admin) =>
  client.post(paths.entitlements(slug), { subject: line, rights: ["derive"], reason: "contract 7", ...more });
const end = (id: string, slug = "northbank") => platform.admin.post(paths.entitlementEnd(slug, id), { reason: "contract ended" });
const draft = (client: Client = people.admin, model = "northbank/cards") =>
  client.post(paths.versions(model), { artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });
const codes = (answer: { body: { errors?: { code: string }[] } }) => (answer.body.errors ?? []).map(({ code }) => code);
const sees = async (client: Client) => [
  (await client.get(paths.model(line))).status,
  (await client.get(paths.version(version))).status,
  (await client.get(paths.lineage(version))).status,
  (await client.get(`${paths.search()}?q=${line.split("/")[1]}`)).text.includes(line),
];

describe("a closed line", () => {
  it("is seen by nobody but the platform and those who were entitled to, as if there were none", async () => {
    expect(await sees(people.member)).toEqual([404, 404, 404, false]);
    expect((await sees(people.engineer)).slice(0, 3)).toEqual([200, 200, 200]);
    const missing = await people.member.get(paths.model("finance/never-was"));
    const { requestId: _a, instance: _b, ...body } = (await people.member.get(paths.model(line))).body;
    expect(missing.body).toMatchObject(body);
    expect(codes(await draft())).toEqual(["parent_unknown"]);
    expect((await grant({ rights: ["see"] })).status).toBe(201);
    expect(await sees(people.member)).toEqual([200, 200, 200, true]);
    expect(await sees(people.stranger)).toEqual([404, 404, 404, false]);
  });

  it("is opened again for everyone", async () => {
    await setOpen(true);
    expect((await sees(people.stranger)).slice(0, 3)).toEqual([200, 200, 200]);
    expect((await draft()).status).toBe(201);
  });

  it("leaks no row of any table to a login that forgets every filter", async () => {
    const tables = ["models", "versions", "version_files", "version_states", "version_seals", "edges", "lines", "line_closure"];
    const id = await idOf(version);
    const rows = async (client: Client) => {
      const of: Record<string, number> = {};
      for (const table of tables) of[table] = await countAs(client, table, id);
      return of;
    };
    const none = Object.fromEntries(tables.map((table) => [table, 0]));
    expect(await rows(people.member)).toEqual(none);
    await grant({ rights: ["see"] });
    const seen = await rows(people.member);
    for (const table of tables) expect([table, (seen[table] ?? 0) > 0]).toEqual([table, true]);
    expect(await rows(people.stranger)).toEqual(none);
  });
});

describe("an entitlement", () => {
  it("lets an institution see, derive and serve as far as it says", async () => {
    const see = (await grant({ rights: ["see"] })).body;
    expect(codes(await draft())).toEqual(["not_entitled"]);
    await end(see.id);
    const derive = await grant({ rights: ["derive"] });
    expect(derive.body).toMatchObject({
      subject: line,
      institution: "northbank",
      rights: ["see", "derive"],
      state: "in_force",
      taskModels: 0,
    });
    expect((await draft()).status).toBe(201);
    const mine = await sealed(people.admin, "northbank/cards", { artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });
    await move(people.admin, mine, "in_review");
    expect(codes(await move(people.northReleaser, mine, "released"))).toContain("not_entitled");
    await end(derive.body.id);
    await grant({ rights: ["serve"] });
    expect(codes(await move(people.northReleaser, mine, "released"))).not.toContain("not_entitled");
  });

  it("refuses use after its end, while what was made goes on being seen with all it stands on", async () => {
    const { body } = await grant({ rights: ["derive", "serve"] });
    await sealed(people.admin, "northbank/cards", { artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });
    expect((await end(body.id)).body).toMatchObject({ state: "ended", endedBy: expect.any(String), endReason: "contract ended" });
    expect((await sees(people.member)).slice(0, 3)).toEqual([200, 200, 200]);
    expect(codes(await draft())).toEqual(["not_entitled"]);
    const rows = await dataset(people.member, `northbank/dialogues-${lines}`, chat, "chat");
    const job = { kind: "tune", model: "northbank/cards", parent: version, datasets: [rows], method: "lora" };
    expect(codes(await people.member.post(paths.jobs(), job))).toContain("not_entitled");
    expect((await people.member.get(`${paths.versionFiles(version)}/config.json`)).status).toBe(422);
    expect((await end(body.id)).status).toBe(409);
  });

  it("ends by the clock as well, and is pending before it starts", async () => {
    const later = await grant({ startsAt: inDays(1), endsAt: inDays(2) });
    expect(later.body.state).toBe("pending");
    expect((await sees(people.member)).slice(0, 2)).toEqual([404, 404]);
    await asSystem(
      platform,
      "update entitlements set starts_at = now() - interval '2 days', ends_at = now() - interval '1 second' where id = $1",
      [later.body.id],
    );
    expect((await people.admin.get(paths.entitlements("northbank"))).body.data[0]).toMatchObject({ id: later.body.id, state: "ended" });
    expect((await sees(people.member)).slice(0, 2)).toEqual([404, 404]);
  });

  it("covers one version alone where it names one", async () => {
    const parents = [{ version: people.foundation, relation: "finetuned_from" }];
    const other = await sealed(people.engineer, line, { parents });
    await asSystem(platform, "update versions set state = 'released', released_at = now() where id = $1", [await idOf(other)]);
    await grant({ subject: version });
    expect((await people.member.get(paths.version(version))).status).toBe(200);
    expect((await people.member.get(paths.version(other))).status).toBe(404);
    expect((await people.member.get(paths.versions(line))).body.data.map(({ ref }: { ref: string }) => ref)).toEqual([version]);
  });

  it("keeps task models to the scenarios and the number that were agreed on", async () => {
    await grant({ maxTaskModels: 1, scenarios: ["risk"] });
    expect(codes(await draft())).toEqual(["entitlement_scenario"]);
    await register(people.admin, { tier: "institution", slug: `risk-${lines}`, scenario: "risk" });
    await register(people.admin, { tier: "institution", slug: `more-${lines}`, scenario: "risk" });
    expect((await draft(people.admin, `northbank/risk-${lines}`)).status).toBe(201);
    expect(codes(await draft(people.admin, `northbank/more-${lines}`))).toEqual(["entitlement_limit"]);
    expect((await draft(people.admin, `northbank/risk-${lines}`)).status).toBe(201);
  });

  it("is suspended by a recall of the version it names, and given back when that is lifted", async () => {
    const of = await grant({ subject: version });
    const whole = await grant({ subject: line }, "southbank");
    await recall(version);
    const [mine] = (await people.admin.get(paths.entitlements("northbank"))).body.data;
    expect(mine).toMatchObject({ id: of.body.id, state: "suspended", suspendedBy: expect.stringMatching(/^rec_/) });
    expect((await people.stranger.get(paths.entitlements("southbank"))).body.data[0]).toMatchObject({
      id: whole.body.id,
      state: "in_force",
    });
    await lift(mine.suspendedBy);
    expect((await people.admin.get(paths.entitlements("northbank"))).body.data[0]).toMatchObject({ state: "in_force", suspendedBy: null });
  });

  it("warns its holder before it ends, each step once", async () => {
    const warnings = platform.app.get(EntitlementWarnings, { strict: false });
    // Other tests have granted what ends soon as well.
    await warnings.run(new Date());
    await grant({ endsAt: inDays(20) });
    const told = async () =>
      (await people.admin.get(paths.notices())).body.data.filter(
        ({ kind, subject }: { kind: string; subject: string }) => kind === "entitlement_end" && subject === line,
      ).length;
    expect([await warnings.run(new Date()), await warnings.run(new Date()), await told()]).toEqual([1, 0, 1]);
    for (const [day, notices] of [
      [14, 2],
      [15, 2],
      [21, 3],
      [30, 3],
    ] as const) {
      await warnings.run(new Date(Date.now() + day * DAY));
      expect([day, await told()]).toEqual([day, notices]);
    }
  });
});

it("holds in the database whatever the code above forgets: no edge without the right to derive", async () => {
  await grant({ rights: ["see"] });
  const made = await people.admin.post(paths.versions("northbank/cards"), { artifactKind: "adapter" });
  const [child, parent, owner] = [made.body.id, await idOf(version), people.admin.viewer.institutionId];
  const edge = `insert into edges (child_id, parent_id, relation, institution_id, seal) values ('${child}', '${parent}', 'adapter_of', '${owner}', 'declared')`;
  await expect(asTenant(people.admin, edge)).rejects.toThrow("no right to derive");
  await end((await people.admin.get(`${paths.entitlements("northbank")}?filter[state]=in_force`)).body.data[0].id);
  await grant({ rights: ["derive"] });
  expect(await asTenant(people.admin, `${edge} returning 1`)).toHaveLength(1);
});

describe("who grants", () => {
  it("is a platform administrator; an institution sees its own and no other's", async () => {
    for (const client of [people.admin, people.member]) expect((await grant({}, "northbank", client)).status).toBe(403);
    expect((await grant({}, "northbank", people.engineer)).status).toBe(403);
    expect((await grant({}, "southbank", people.admin)).status).toBe(404);
    expect((await people.admin.get(paths.entitlements("southbank"))).status).toBe(404);
    expect((await people.admin.get(paths.entitlements("never-was"))).status).toBe(404);
    const { body } = await grant();
    expect((await people.admin.post(paths.entitlementEnd("northbank", body.id), { reason: "x" })).status).toBe(403);
    expect((await platform.admin.post(paths.entitlementEnd("southbank", body.id), { reason: "x" })).status).toBe(404);
  });

  it("alone learns who uses a line", async () => {
    await grant({ endsAt: inDays(9) });
    const { body } = await platform.admin.get(paths.lineAccess(line));
    expect(body).toEqual({
      model: line,
      isOpen: false,
      institutions: [{ institution: "northbank", rights: ["see", "derive"], endsAt: expect.any(String), taskModels: 0 }],
    });
    expect((await people.admin.get(paths.lineAccess(line))).status).toBe(404);
    expect((await people.admin.get(paths.lineAccess("finance/never-was"))).status).toBe(404);
    expect((await setOpen(true, people.admin)).status).toBe(404);
    expect((await setOpen(true, people.engineer)).status).toBe(403);
  });

  it("is answered every rule that a grant breaks", async () => {
    const refused = async (more: Partial<GrantEntitlementInput>, slug = "northbank") => codes(await grant(more, slug));
    expect(await refused({ subject: "finance/never-was" })).toEqual(["subject_unknown"]);
    expect(await refused({ subject: `${line}@99` })).toEqual(["subject_unknown"]);
    expect(await refused({ subject: "northbank/cards" })).toEqual(["entitlement_shared"]);
    expect(await refused({}, "platform")).toEqual(["entitlement_home"]);
    expect(await refused({ startsAt: inDays(2), endsAt: inDays(1) })).toEqual(["ends_before_start"]);
    expect(await refused({ startsAt: inDays(-3), endsAt: inDays(-1) })).toEqual(["ends_in_past"]);
    await grant();
    expect(await refused({ rights: ["serve"] })).toEqual(["entitlement_overlap"]);
    expect((await grant({ rights: [] })).status).toBe(400);
    expect((await grant({ maxTaskModels: -1 })).status).toBe(400);
    await people.engineer.post(paths.transitions(version), {
      to: "deprecated",
      reason: "old",
      deprecation: { endsAt: inDays(30) },
    });
    expect(await refused({ subject: version })).toEqual(["entitlement_outlives"]);
    expect(await refused({ subject: version, endsAt: inDays(31) })).toEqual(["entitlement_outlives"]);
    expect((await grant({ subject: version, endsAt: inDays(29) })).status).toBe(201);
  });

  it("is not the institution's login, whatever it writes", async () => {
    await expect(
      asTenant(
        people.admin,
        `insert into entitlements (id, institution_id, model_id, subject, tier, rights, starts_at, reason, granted_by)
        values ('ent_x', '${people.admin.viewer.institutionId}', (select id from models where slug = 'cards'), 'x', 'finance', '{see}', now(), 'x', 'x')`,
      ),
    ).rejects.toThrow("row-level security");
    const { body } = await grant({ rights: ["see"] });
    expect(
      await asTenant(people.admin, `update entitlements set rights = '{see,derive,serve}' where id = '${body.id}' returning id`),
    ).toEqual([]);
  });

  it("does not close or open an institution's own model", async () => {
    const answer = await platform.admin.put(paths.lineAccess("northbank/cards"), { isOpen: false, reason: "x" });
    expect([answer.status, codes(answer)]).toEqual([422, ["entitlement_shared"]]);
  });
});

const chat = `${JSON.stringify({
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ],
})}\n`;
/** One statement with an institution's own rights, and no filter of the code's. */
const asTenant = <Row>(client: Client, sql: string): Promise<Row[]> =>
  platform.app.get(UnitOfWork).run(client.viewer, (tx) => tx.query<Row>(sql));
const work = (recallId: string) => platform.app.get(RecallAdvance, { strict: false }).advance({ recallId: recallId as never });
async function recall(ref: string): Promise<void> {
  const { body } = await people.engineer.post(paths.recallPreview(), { version: ref });
  const made = await people.engineer.post(paths.recalls(), { version: ref, graph: body.graph, reason: "unlawful source" });
  await work(made.body.id);
}
async function lift(recallId: string): Promise<void> {
  await people.releaser.post(paths.recallLift(recallId), { reason: "cleared" });
  await work(recallId);
}

async function countAs(client: Client, table: string, id: string): Promise<number> {
  const column: Record<string, string> = {
    models: "id = (select $2::text)",
    versions: "id = $1",
    edges: "child_id = $1",
    lines: "model_id = $2",
    line_closure: "line_id = $3",
  };
  const [of] = await asSystem<{ model_id: string; line_id: string }>(
    platform,
    "select model_id, line_id::text from versions where id = $1",
    [id],
  );
  const where = (column[table] ?? "version_id = $1")
    .replace("$1", `'${id}'`)
    .replace("$2", `'${of?.model_id}'`)
    .replace("$3", `${of?.line_id}`);
  const rows = await asTenant<{ n: number }>(client, `select count(*)::int as n from ${table} where ${where}`);
  return rows[0]?.n ?? 0;
}
