import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { purgeHelpers } from "../../test/purge-fixtures.js";
import { aPyramid, dataset, forceState, register, released, score, versionId } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let reviewer: Client;
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
});

const { blockers, purge, codes, hold, lift } = purgeHelpers(() => ({ platform, people, reviewer }));

describe("rows of a dataset version", () => {
  const ROWS = '{"text":"bonds"}\n';

  it("go when nothing in use learnt from them or was scored on them, and their digest stays", async () => {
    const ref = await dataset(people.admin, `northbank/rows-${serial}`, `${ROWS}{"text":"${serial}"}\n`);
    const before = (await people.admin.get(paths.datasetVersion(ref))).body;
    const live = await released(platform, people.admin, model, onFinance());
    await score(platform, live, ref, { perplexity: 2 });
    expect(await blockers(people.admin, { dataset: ref })).toEqual(["ancestor_of_live"]);
    await forceState(platform, live, "retired");
    const set = await hold(reviewer, { dataset: ref });
    expect(await blockers(people.admin, { dataset: ref })).toEqual(["held"]);
    await lift(set.id);
    const made = await purge(people.admin, { dataset: ref });
    expect([made.status, made.body.subject]).toEqual([201, { kind: "dataset", ref }]);
    const after = (await people.admin.get(paths.datasetVersion(ref))).body;
    expect(after).toMatchObject({ sha256: before.sha256, rows: before.rows, purged: { by: "admin" } });
    const rows = await people.admin.get(paths.datasetRows(ref));
    expect([rows.status, codes(rows)]).toEqual([409, ["purged"]]);
    expect((await people.admin.get(paths.blob(before.sha256))).status).toBe(404);
    const asked = await people.admin.post(paths.jobs(), { kind: "evaluate", model, parent: people.finance, datasets: [ref] });
    expect(codes(asked)).toEqual(["dataset_purged"]);
    // The same bytes may come again, under the next number.
    expect(await dataset(people.admin, `northbank/rows-${serial}`, `${ROWS}{"text":"${serial}"}\n`)).toBe(ref.replace("@1", "@2"));
  });

  it("stay for a version that learnt from them, for what descends from it, and for a job that is not over", async () => {
    const ref = await dataset(people.engineer, `finance/corpus-${serial}`, `{"text":"loans ${serial}"}\n`);
    const base = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const task = await released(platform, people.admin, model, { parents: [{ version: base, relation: "finetuned_from" }] });
    await asSystem(
      platform,
      `insert into dataset_uses (version_id, dataset_version_id, institution_id)
       select $1, dv.id, dv.institution_id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = $2`,
      [await versionId(platform, base), `corpus-${serial}`],
    );
    await forceState(platform, base, "retired");
    expect(await blockers(platform.admin, { dataset: ref })).toEqual(["ancestor_of_live"]);
    await forceState(platform, task, "retired");
    expect(await blockers(platform.admin, { dataset: ref })).toEqual([]);
    const asked = await people.engineer.post(paths.jobs(), {
      kind: "evaluate",
      model: "finance/ledger",
      parent: people.finance,
      datasets: [ref],
    });
    expect(asked.status).toBe(201);
    expect(codes(await purge(platform.admin, { dataset: ref }))).toEqual(["used_by_job"]);
  });
});
