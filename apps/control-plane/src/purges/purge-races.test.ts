import { paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { purgeHelpers } from "../../test/purge-fixtures.js";
import { aPyramid, dataset, draft, register, versionId } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let reviewer: Client;
/** A retired task version that nothing needs, and its model, which has no other. */
let old: string;
let model: string;
let serial = 0;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  reviewer = await platform.addPerson("northbank", "reviewer@north.example", "compliance_reviewer");
});
afterAll(() => platform.close());

const onFinance = () => ({ parents: [{ version: people.finance, relation: "finetuned_from" }] });

beforeEach(async () => {
  serial += 1;
  model = `northbank/cards-${serial}`;
  await register(people.admin, { tier: "institution", slug: `cards-${serial}` });
  old = await retired(people.admin, model, onFinance());
});

const { retired, preview, codes, storedFiles, lift } = purgeHelpers(() => ({ platform, people, reviewer }));

describe("at the same moment", () => {
  it("either the purge or the derivation wins, never both", async () => {
    for (let round = 0; round < 6; round += 1) {
      const parent = await retired(people.admin, model, onFinance());
      const parents = [{ version: parent, relation: "quantized_from" }];
      const { graph } = (await preview(people.admin, { version: parent })).body;
      const [dropped, derived] = await Promise.all([
        people.admin.post(paths.purges(), { version: parent, graph, reason: "race" }),
        draft(people.admin, model, { artifactKind: "quantized", parents }),
      ]);
      expect([dropped.status === 201, derived.status === 201].filter(Boolean)).toHaveLength(1);
    }
  });

  it("either the purge or the hold comes first, and one that comes first keeps the files", async () => {
    for (let round = 0; round < 6; round += 1) {
      const ref = await retired(people.admin, model, onFinance());
      const subject = round % 2 === 0 ? { version: ref } : { model };
      const { graph } = (await preview(people.admin, { version: ref })).body;
      const [dropped, set] = await Promise.all([
        people.admin.post(paths.purges(), { version: ref, graph, reason: "race" }),
        reviewer.post(paths.holds(), { ...subject, reason: "race" }),
      ]);
      expect(set.status).toBe(201);
      if (dropped.status === 201) expect(await storedFiles(ref)).toBe(0);
      else expect([codes(dropped).includes("held"), await storedFiles(ref)]).toEqual([true, 2]);
      await lift(set.body.id);
    }
  });

  it("a hold that is being set is waited for, and keeps the files", async () => {
    const { graph } = (await preview(people.admin, { version: old })).body;
    const id = await versionId(platform, old);
    const holder = new pg.Client({ connectionString: platform.database.superuserUrl });
    await holder.connect();
    await holder.query("begin");
    await holder.query("select 1 from versions where id = $1 for update", [id]);
    const dropping = people.admin.post(paths.purges(), { version: old, graph, reason: "race" });
    await expect
      .poll(async () => (await holder.query("select 1 from pg_locks where not granted")).rowCount, { timeout: 10_000 })
      .toBeGreaterThan(0);
    await holder.query(
      `insert into legal_holds (id, institution_id, version_id, subject, reason, set_for, set_by, set_by_name)
       select 'hld_${"1".repeat(32)}', institution_id, id, $2, 'case', institution_id, 'usr_1', 'x' from versions where id = $1`,
      [id, old],
    );
    await holder.query("commit");
    await holder.end();
    expect(codes(await dropping)).toEqual(["graph_changed", "held"]);
    expect(await storedFiles(old)).toBe(2);
  });

  it("either the purge or the job wins, never both", async () => {
    const rows = await dataset(people.admin, `northbank/held-out-${serial}`, `{"text":"one ${serial}"}\n`);
    for (let round = 0; round < 6; round += 1) {
      const ref = await retired(people.admin, model, onFinance());
      const job = { kind: "evaluate", model, parent: ref, datasets: [rows] };
      const { graph } = (await preview(people.admin, { version: ref })).body;
      const [dropped, asked] = await Promise.all([
        people.admin.post(paths.purges(), { version: ref, graph, reason: "race" }),
        people.admin.post(paths.jobs(), job),
      ]);
      expect([dropped.status === 201, asked.status === 201].filter(Boolean)).toHaveLength(1);
    }
  });
});
