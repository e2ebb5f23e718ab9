import { paths, type RegisteredRow, type RegisterInput } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aModelOf, aPyramid, move, register, upload } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const send = (client: Client, rows: RegisterInput["rows"], how: Omit<RegisterInput, "rows"> = {}, headers: Record<string, string> = {}) =>
  client.post(paths.registrations(), { rows, ...how }, headers);
const task = (slug: string, more: Record<string, unknown> = {}) => ({
  namespace: "northbank",
  slug,
  tier: "institution",
  name: `Model ${slug}`,
  scenario: "risk",
  ...more,
});
const codes = (errors: readonly { code: string; pointer?: string }[]) => errors.map(({ code, pointer }) => [code, pointer]);
const counts = async () => {
  const [row] = await asSystem<{ models: number; versions: number; entries: number }>(
    platform,
    `select (select count(*)::int from models) as models, (select count(*)::int from versions) as versions,
       (select count(*)::int from audit_entries) as entries`,
  );
  return row;
};

describe("registering many at once", () => {
  it("writes models, drafts of them and drafts of models there are, each audited as if it had come alone", async () => {
    const file = { path: "model.safetensors", sha256: await upload(people.admin, aModelOf("bulk")["model.safetensors"] ?? "") };
    const parents = [{ version: people.finance, relation: "adapter_of" }];
    const answer = await send(people.admin, [
      task("bulk-b", { tags: ["Retail"], version: { artifactKind: "adapter", parents } }),
      { model: "northbank/cards", version: { files: [file], notes: "first" } },
      task("bulk-a"),
      { model: "northbank/cards", version: { notes: "second" } },
    ]);
    expect(answer.status, answer.text).toBe(200);
    const next = (await people.admin.get(paths.model("northbank/cards"))).body.versions;
    expect(answer.body).toEqual({
      dryRun: false,
      good: 4,
      refused: 0,
      rows: [
        { row: 0, outcome: "registered", model: "northbank/bulk-b", version: "northbank/bulk-b@1", violations: [] },
        { row: 1, outcome: "registered", model: "northbank/cards", version: `northbank/cards@${next - 1}`, violations: [] },
        { row: 2, outcome: "registered", model: "northbank/bulk-a", version: null, violations: [] },
        { row: 3, outcome: "registered", model: "northbank/cards", version: `northbank/cards@${next}`, violations: [] },
      ],
    });
    const made = (await people.admin.get(paths.version("northbank/bulk-b@1"))).body;
    expect([made.state, made.parents]).toEqual([
      "draft",
      [{ version: people.finance, relation: "adapter_of", seal: "declared", rootDigest: expect.any(String) }],
    ]);
    expect((await people.admin.get(paths.version(`northbank/cards@${next - 1}`))).body).toMatchObject({ notes: "first", fileCount: 1 });
    expect((await people.admin.get(paths.model("northbank/bulk-b"))).body.tags).toEqual(["retail"]);
    const entries = await asSystem<{ action: string; object: string }>(
      platform,
      "select action, object from audit_entries where object like 'northbank/bulk-%' order by object",
    );
    expect(entries).toEqual([
      { action: "model.register", object: "northbank/bulk-a" },
      { action: "model.register", object: "northbank/bulk-b" },
      { action: "version.draft", object: "northbank/bulk-b@1" },
    ]);
  });

  it("judges every row in a dry run and writes nothing, not even an audit entry", async () => {
    const before = await counts();
    const answer = await send(people.admin, [task("dry"), task("dry"), task("cards")], { dryRun: true });
    expect([answer.status, answer.body.good, answer.body.refused]).toEqual([200, 1, 2]);
    expect(answer.body.rows.map(({ outcome, violations }: RegisteredRow) => [outcome, ...codes(violations)])).toEqual([
      ["good"],
      ["refused", ["duplicate_name", "/slug"]],
      ["refused", ["duplicate_name", "/slug"]],
    ]);
    expect(await counts()).toEqual(before);
  });

  it("names every bad row with rule and field, and registers nothing", async () => {
    const before = await counts();
    const answer = await send(people.admin, [
      task("fine"),
      task("Not A Slug", { colour: "red" }),
      task("no-scenario", { scenario: undefined }),
      { namespace: "finance", slug: "mine", tier: "finance", name: "x" },
      { model: "northbank/none", version: {} },
      { model: "northbank/cards", version: { files: [{ path: "a.bin", sha256: "0".repeat(64) }] } },
      { model: "northbank/cards", version: { parents: [{ version: people.foundation, relation: "adapter_of" }] } },
      { model: "northbank/cards", version: { files: [{ path: "../up", sha256: "0".repeat(64) }] } },
      { model: people.finance.split("@")[0], version: {} },
      {},
    ]);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain("9 of 10 rows are refused");
    const found = codes(answer.body.errors).map(([code, pointer]) => `${code} ${pointer}`);
    expect(found).toEqual(
      expect.arrayContaining([
        "invalid_format /rows/1/slug",
        "unknown_field /rows/1/colour",
        "scenario_required /rows/2/scenario",
        "role /rows/3/tier",
        "model_unknown /rows/4/model",
        "blob_unknown /rows/5/version/files/0/sha256",
        "parent_tier /rows/6/version/parents/0",
        "custom /rows/7/version/files/0/path",
        "role /rows/8",
        "invalid_type /rows/9/namespace",
      ]),
    );
    expect(found.some((one) => one.includes("/rows/0"))).toBe(false);
    expect(await counts()).toEqual(before);
  });

  it("registers the good rows and lists the others when bad rows are to be skipped", async () => {
    const answer = await send(people.admin, [task("kept"), task("cards"), task("kept-too")], { skipBadRows: true });
    expect([answer.status, answer.body.good, answer.body.refused]).toEqual([200, 2, 1]);
    expect(answer.body.rows.map(({ outcome }: RegisteredRow) => outcome)).toEqual(["registered", "refused", "registered"]);
    expect((await people.admin.get(paths.model("northbank/kept-too"))).status).toBe(200);
  });

  it("carries a repeated idempotency key out once", async () => {
    const header = { "idempotency-key": "bulk-once" };
    const first = await send(people.admin, [task("bulk-once")], {}, header);
    const again = await send(people.admin, [task("bulk-once")], {}, header);
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
  });

  it("lets two requests with the same rows in another order through one after the other", async () => {
    await register(people.admin, { tier: "institution", slug: "race-1" });
    await register(people.admin, { tier: "institution", slug: "race-2" });
    const rows = ["race-1", "race-2"].flatMap((slug) => Array.from({ length: 20 }, () => ({ model: `northbank/${slug}`, version: {} })));
    const fresh = Array.from({ length: 20 }, (_, n) => task(`raced-${n}`));
    const answers = await Promise.all([
      send(people.admin, [...rows, ...fresh]),
      send(people.admin, [...fresh, ...rows].reverse()),
      send(people.admin, [...rows].reverse()),
    ]);
    // Both of the first two bring the same new names: one of them has them, and the other nothing.
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 422]);
    expect((await people.admin.get(paths.model("northbank/race-1"))).body.versions).toBe(40);
    const numbers = answers[2]?.body.rows.map(({ version }: RegisteredRow) => Number(version?.split("@")[1])).slice(0, 20);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

describe("what must not happen", () => {
  it("tells a stranger the same of a neighbour's model and of none", async () => {
    const of = async (model: string) => {
      const { body } = await send(people.stranger, [{ model, version: {} }], { dryRun: true });
      return JSON.stringify(body).replaceAll(model, "MODEL");
    };
    expect(await of("northbank/cards")).toBe(await of("northbank/never-was"));
    const theirs = await send(people.stranger, [task("stolen")]);
    expect([theirs.status, (await people.admin.get(paths.model("northbank/stolen"))).status]).toEqual([422, 404]);
  });

  it("does not take a withdrawn parent", async () => {
    const parents = [{ version: people.finance, relation: "adapter_of" }];
    const rows = [{ model: "northbank/cards", version: { artifactKind: "adapter", parents } }];
    expect((await send(people.admin, rows, { dryRun: true })).body.good).toBe(1);
    await move(people.engineer, people.finance, "deprecated");
    expect((await send(people.admin, rows, { dryRun: true })).body.rows[0].violations.map(({ code }: { code: string }) => code)).toEqual([
      "parent_not_released",
    ]);
  });

  it("is asked for at most a thousand rows, and at least one", async () => {
    expect((await send(people.admin, [])).status).toBe(400);
    expect(
      (
        await send(
          people.admin,
          Array.from({ length: 1001 }, (_, n) => task(`n${n}`)),
        )
      ).status,
    ).toBe(400);
  });
});
