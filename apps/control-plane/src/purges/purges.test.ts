import { type CreateHold, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import {
  aModelOf,
  anAdapter,
  aPyramid,
  dataset,
  draft,
  forceState,
  move,
  register,
  released,
  score,
  sealed,
  sha256,
  upload,
  versionId,
} from "../../test/registry-fixtures.js";
import { VerifyVersion } from "../integrity/verify-version.service.js";
import { newId } from "../platform/database/ids.js";
import { RecallAdvance } from "../recalls/recall-advance.service.js";

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

async function retired(client: Client, of: string, options: Parameters<typeof sealed>[2]): Promise<string> {
  const ref = await released(platform, client, of, options);
  await forceState(platform, ref, "retired");
  return ref;
}

const preview = (client: Client, subject: object): Promise<Answer> => client.post(paths.purgePreview(), subject);
const blockers = async (client: Client, subject: object): Promise<string[]> => {
  const answer = await preview(client, subject);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body.blockers.map(({ code }: { code: string }) => code);
};
const purge = async (client: Client, subject: object, more: object = {}): Promise<Answer> => {
  const { graph = "0".repeat(64) } = (await preview(client, subject)).body;
  return client.post(paths.purges(), { ...subject, graph, reason: "kept long enough", ...more });
};
const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);
const view = async (ref: string, client = people.admin) => (await client.get(paths.version(ref))).body;
const tombstones = async (ref: string) =>
  (await asSystem(platform, "select 1 from tombstones where version_id = $1", [await versionId(platform, ref)])).length;
const storedFiles = async (ref: string) =>
  (await asSystem(platform, "select 1 from version_files where version_id = $1", [await versionId(platform, ref)])).length;
const hold = async (client: Client, subject: Partial<CreateHold>) => {
  const answer = await client.post(paths.holds(), { ...subject, reason: "case 12" });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
async function lift(id: string, first = reviewer, second = people.admin) {
  await first.post(paths.holdLift(id), { reason: "closed" });
  await second.post(paths.holdLiftConfirm(id), {});
}
/** Points a name at a version past the service, as an alias of a version that was released once. */
const point = async (name: string, ref: string) =>
  asSystem(
    platform,
    `insert into aliases (model_id, name, institution_id, version_id, moved_by)
     select model_id, $1, institution_id, id, 'test' from versions where id = $2
     on conflict (model_id, name) do update set version_id = excluded.version_id`,
    [name, await versionId(platform, ref)],
  );
async function aJob(onVersion: string, state: string): Promise<string> {
  const id = newId("job");
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, requested_by, requested_by_name, due_at)
     select $1, v.institution_id, v.model_id, 'evaluate', 'evaluate', v.tier, v.id, '{}', 1, $3, 'usr_${"0".repeat(32)}', 'test', null
     from versions v where v.id = $2`,
    [id, await versionId(platform, onVersion), state],
  );
  return id;
}

describe("a purge", () => {
  it("drops the files and keeps number, digests, lineage and audit entries", async () => {
    const before = {
      view: await view(old),
      files: (await people.admin.get(paths.versionFiles(old))).body.data,
      exports: {
        cyclonedx: (await people.admin.get(paths.lineageExport(old, "cyclonedx"))).text,
        intoto: (await people.admin.get(paths.lineageExport(old, "intoto"))).text,
      } as Record<string, string>,
    };
    const [file] = before.files;
    expect((await preview(people.admin, { version: old })).body).toMatchObject({
      subject: { kind: "version", ref: old },
      files: 2,
      sizeBytes: before.view.sizeBytes,
      blockers: [],
    });
    const made = await purge(people.admin, { version: old });
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({
        subject: { kind: "version", ref: old },
        owner: "northbank",
        by: "admin",
        reason: "kept long enough",
        files: 2,
      }),
    ]);

    expect(await storedFiles(old)).toBe(0);
    const after = await view(old);
    expect(after).toMatchObject({
      number: before.view.number,
      rootDigest: before.view.rootDigest,
      sizeBytes: before.view.sizeBytes,
      fileCount: 2,
      parents: before.view.parents,
      purged: { by: "admin", reason: "kept long enough" },
    });
    expect((await people.admin.get(paths.versionFiles(old))).body.data).toEqual(before.files);
    const download = await people.admin.get(paths.versionFile(old, file.path));
    expect([download.status, codes(download)]).toEqual([409, ["purged"]]);
    expect((await people.admin.get(paths.blob(before.files[1].sha256))).status).toBe(404);

    const graph = (await people.admin.get(paths.lineage(people.finance))).text;
    expect(graph).toContain(old);
    for (const format of ["cyclonedx", "intoto"]) {
      expect((await people.admin.get(paths.lineageExport(old, format))).text).toBe(before.exports[format]);
    }
    const actions = await asSystem(platform, "select action, reason from audit_entries where object = $1 order by id desc limit 1", [old]);
    expect(actions).toEqual([{ action: "version.purge", reason: "kept long enough" }]);

    expect((await people.admin.get(paths.purge(made.body.id))).body).toEqual(made.body);
    expect((await people.admin.get(paths.purges())).body.data[0]).toEqual(made.body);
    const next = await draft(people.admin, model, onFinance());
    expect(next.body.number).toBe(2);
  });

  it("happens once, however many ask at the same moment, and again for a repeated key", async () => {
    const { graph } = (await preview(people.admin, { version: old })).body;
    const body = { version: old, graph, reason: "once" };
    const answers = await Promise.all(Array.from({ length: 4 }, () => people.admin.post(paths.purges(), body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(codes(await purge(people.admin, { version: old }))).toEqual(["purged"]);
    const other = await retired(people.admin, model, onFinance());
    const key = { "idempotency-key": `purge-${other.replace(/\W/g, "-")}` };
    const request = { version: other, graph: (await preview(people.admin, { version: other })).body.graph, reason: "by key" };
    const first = await people.admin.post(paths.purges(), request, key);
    const second = await people.admin.post(paths.purges(), request, key);
    expect([first.status, second.body.id]).toEqual([201, first.body.id]);
    expect(await tombstones(other)).toBe(1);
  });

  it("takes drafts as well, which then take no files and are not sealed", async () => {
    const made = await draft(people.admin, model, onFinance());
    expect((await purge(people.admin, { version: made.body.ref })).status).toBe(201);
    expect((await move(people.admin, made.body.ref, "sealed")).status).toBe(409);
    const files = [{ path: "README.md", sha256: await upload(people.admin, "# Cards") }];
    const put = await people.admin.put(paths.versionFiles(made.body.ref), { files });
    expect([put.status, codes(put)]).toEqual([409, ["retention"]]);
    expect(await storedFiles(made.body.ref)).toBe(0);
  });

  it("leaves bytes that another version has to that version", async () => {
    const files = aModelOf(newId("request"));
    const [first, second] = [
      await retired(people.admin, model, { ...onFinance(), files }),
      await sealed(people.admin, model, { ...onFinance(), files }),
    ];
    const digest = sha256(files["model.safetensors"] ?? "");
    expect((await preview(people.admin, { version: first })).body.ownBytes).toBe(0);
    expect((await purge(people.admin, { version: first })).status).toBe(201);
    expect((await people.admin.get(paths.blob(digest))).status).toBe(200);
    expect((await people.admin.get(paths.versionFile(second, "model.safetensors"))).status).toBe(200);
  });

  it("asks for a reason and for one thing, and refuses what it does not know", async () => {
    for (const body of [{}, { version: old, dataset: old }, { version: old, force: true }]) {
      expect((await preview(people.admin, body)).status).toBe(400);
    }
    expect((await purge(people.admin, { version: old }, { reason: " " })).status).toBe(400);
  });

  it("is refused when anything has changed since the preview, and nothing is done", async () => {
    const { graph } = (await preview(people.admin, { version: old })).body;
    const child = await draft(people.admin, model, {
      artifactKind: "quantized",
      parents: [{ version: old, relation: "quantized_from" }],
    });
    expect(child.status).toBe(201);
    const answer = await people.admin.post(paths.purges(), { version: old, graph, reason: "late" });
    expect([answer.status, codes(answer)]).toEqual([409, ["graph_changed", "ancestor_of_draft"]]);
    expect([await tombstones(old), await storedFiles(old)]).toEqual([0, 2]);
  });
});

describe("what keeps a version", () => {
  it("is its own state, an alias, and being what an alias would go back to", async () => {
    const live = await released(platform, people.admin, model, onFinance());
    expect(await blockers(people.admin, { version: live })).toEqual(["live_state"]);
    await point("spare", old);
    expect(await blockers(people.admin, { version: old })).toEqual(["alias"]);
    await point("spare", live);
    const { body } = await preview(people.admin, { version: old });
    expect(body.blockers).toMatchObject([{ code: "rollback_target", objects: ["spare"] }]);
    expect((await purge(people.admin, { version: old })).status).toBe(409);
    await point("spare", await released(platform, people.admin, model, onFinance()));
    expect(await blockers(people.admin, { version: old })).toEqual([]);
  });

  it("is a legal hold on it, its model or its institution, which is named", async () => {
    for (const subject of [{ version: old }, { model }, { institution: "northbank" }]) {
      const set = await hold(reviewer, subject);
      const { body } = await preview(people.admin, { version: old });
      expect(body.blockers).toMatchObject([{ code: "held", objects: [set.id] }]);
      expect(codes(await purge(people.admin, { version: old }))).toEqual(["held"]);
      await lift(set.id);
      expect(await blockers(people.admin, { version: old })).toEqual([]);
    }
  });

  it("is anything live, held, withdrawn for a time, or drafted below it, however far, and the names are told", async () => {
    const base = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const middle = await released(platform, people.admin, model, { parents: [{ version: base, relation: "finetuned_from" }] });
    const leaf = await sealed(people.admin, model, {
      artifactKind: "quantized",
      parents: [{ version: middle, relation: "quantized_from" }],
    });
    for (const ref of [base, middle]) await forceState(platform, ref, "retired");
    const ask = (ref: string, client: Client) => blockers(client, { version: ref });
    const found = await preview(people.admin, { version: middle });
    expect(found.body.blockers).toMatchObject([{ code: "ancestor_of_live", count: 1, objects: [leaf] }]);
    // The platform learns that something stands on the base, and not how little.
    const above = await preview(platform.admin, { version: base });
    expect(above.body.blockers).toMatchObject([{ code: "ancestor_of_live", count: null, withheld: true, objects: [] }]);
    expect(above.text).not.toContain(model);

    await forceState(platform, leaf, "quarantined");
    expect(await ask(middle, people.admin)).toEqual(["ancestor_of_withdrawn"]);
    await forceState(platform, leaf, "recalled");
    expect(await ask(middle, people.admin)).toEqual([]);
    const set = await hold(reviewer, { version: leaf });
    expect(await ask(middle, people.admin)).toEqual(["ancestor_of_held"]);
    expect(await ask(base, platform.admin)).toEqual(["ancestor_of_held"]);
    await lift(set.id);
    await point("main", leaf);
    expect(await ask(middle, people.admin)).toEqual(["ancestor_of_rollback"]);
    await point("main", await released(platform, people.admin, model, onFinance()));
    await point("main", await released(platform, people.admin, model, onFinance()));
    expect(await ask(base, platform.admin)).toEqual([]);
  });

  it("is a job that is not over, on it or on an adapter of it", async () => {
    const adapter = await sealed(people.admin, model, {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    await forceState(platform, adapter, "retired");
    const job = await aJob(adapter, "running");
    const { body } = await preview(people.admin, { version: adapter });
    expect(body.blockers).toMatchObject([{ code: "used_by_job", count: 1, objects: [job] }]);
    await asSystem(platform, "update jobs set state = 'failed' where id = $1", [job]);
    expect((await purge(people.admin, { version: adapter })).status).toBe(201);
    // What failed is not taken up again without what it needs.
    await expect(asSystem(platform, "update jobs set state = 'queued' where id = $1", [job])).rejects.toThrow("was purged");
  });

  it("is its age, where the installation keeps things for some days", async () => {
    const strict = await startPlatform({ env: { ZIGGURAT_MIN_RETENTION_DAYS: "30" } });
    try {
      const there = await aPyramid(strict);
      const ref = await sealed(there.admin, "northbank/cards", { parents: [{ version: there.finance, relation: "finetuned_from" }] });
      await asSystem(strict, "update versions set state = 'retired' where id = $1", [await versionId(strict, ref)]);
      const answer = await purge(there.admin, { version: ref });
      expect([answer.status, codes(answer)]).toEqual([409, ["retention_age"]]);
    } finally {
      await strict.close();
    }
  });
});

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

describe("what was purged", () => {
  it("is no parent, is not evaluated, is read by nobody, and says why", async () => {
    await purge(people.admin, { version: old });
    const derived = await draft(people.admin, model, {
      artifactKind: "quantized",
      parents: [{ version: old, relation: "quantized_from" }],
    });
    expect([derived.status, codes(derived)]).toEqual([422, ["parent_purged"]]);
    const rows = await dataset(people.admin, `northbank/held-out-${serial}`, `{"text":"two ${serial}"}\n`);
    const asked = await people.admin.post(paths.jobs(), { kind: "evaluate", model, parent: old, datasets: [rows] });
    expect([asked.status, codes(asked)]).toEqual([422, ["parent_purged"]]);
    const read = await people.admin.post(paths.verifications(old));
    expect([read.status, codes(read)]).toEqual([409, ["purged"]]);
    expect((await view(old)).moves).toEqual([]);
  });

  it("takes its adapters out of use with it", async () => {
    const base = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const adapter = await sealed(people.admin, model, {
      artifactKind: "adapter",
      parents: [{ version: base, relation: "adapter_of" }],
      files: anAdapter(newId("request")),
    });
    for (const ref of [adapter, base]) await forceState(platform, ref, "retired");
    expect((await purge(platform.admin, { version: base })).status).toBe(201);
    const merged = await draft(people.admin, model, { artifactKind: "merged", parents: [{ version: adapter, relation: "merged_from" }] });
    expect(codes(merged)).toEqual(["parent_purged"]);
    await expect(aJob(adapter, "queued")).rejects.toThrow("was purged");
  });

  it("ends a reading that was under way, and is not taken for damaged", async () => {
    const ref = await sealed(people.admin, model, onFinance());
    const reading = await people.admin.post(paths.verifications(ref));
    await forceState(platform, ref, "retired");
    await purge(people.admin, { version: ref });
    await platform.app.get(VerifyVersion, { strict: false }).verify({ verificationId: reading.body.id });
    const [found] = (await people.admin.get(paths.verifications(ref))).body.data;
    expect(found).toMatchObject({ state: "failed", detail: expect.stringContaining("dropped for good") });
    expect((await view(ref)).state).toBe("retired");
  });

  it("stays recalled when the recall that took it is lifted, and the others come back", async () => {
    const [gone, kept] = [
      await released(platform, people.admin, model, onFinance()),
      await released(platform, people.admin, model, onFinance()),
    ];
    const work = (id: string) => platform.app.get(RecallAdvance, { strict: false }).advance({ recallId: id as never });
    const recalls: string[] = [];
    for (const version of [gone, kept]) {
      const { graph } = (await people.admin.post(paths.recallPreview(), { version })).body;
      const made = await people.admin.post(paths.recalls(), { version, graph, reason: "unlawful source" });
      recalls.push(made.body.id);
      await work(made.body.id);
    }
    expect((await purge(people.admin, { version: gone })).status).toBe(201);
    for (const id of recalls) {
      await people.admin.post(paths.recallLift(id), { reason: "cleared" });
      await work(id);
      expect((await people.admin.get(paths.recall(id))).body.state).toBe("lifted");
    }
    expect([(await view(gone)).state, (await view(kept)).state]).toEqual(["recalled", "released"]);
  });

  it("is guarded by the database, whatever program writes", async () => {
    const id = await versionId(platform, old);
    await expect(asSystem(platform, "delete from version_files where version_id = $1", [id])).rejects.toThrow("are sealed");
    await purge(people.admin, { version: old });
    await expect(asSystem(platform, "delete from tombstones where version_id = $1", [id])).rejects.toThrow();
    await expect(asSystem(platform, "update versions set state = 'released' where id = $1", [id])).rejects.toThrow("was purged");
    await expect(
      asSystem(
        platform,
        `insert into version_files (version_id, institution_id, path, sha256, size_bytes, kind)
         select version_id, institution_id, path, sha256, size_bytes, kind from purged_files where version_id = $1`,
        [id],
      ),
    ).rejects.toThrow("was purged");
  });
});

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

describe("who may, and who learns what", () => {
  it("is an administrator at home: not a member, not a reviewer, not the platform, and nobody of another institution", async () => {
    for (const client of [people.member, people.engineer, platform.admin]) {
      const answer = await preview(client, { version: old });
      expect([answer.status, codes(answer)]).toEqual([403, ["purge_role"]]);
      expect((await purge(client, { version: old })).status).toBe(403);
    }
    expect((await preview(people.stranger, { version: old })).status).toBe(404);
    expect((await purge(people.stranger, { version: old })).status).toBe(404);
    expect((await preview(people.admin, { version: people.finance })).status).toBe(403);
    expect(await storedFiles(old)).toBe(2);
  });

  it("hides the tombstone from other institutions, in the list and by id", async () => {
    const made = await purge(people.admin, { version: old });
    expect((await people.stranger.get(paths.purge(made.body.id))).status).toBe(404);
    expect((await people.stranger.get(paths.purges())).text).not.toContain("northbank");
    expect((await people.member.get(paths.purge(made.body.id))).status).toBe(200);
  });
});
