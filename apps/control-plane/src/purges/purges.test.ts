import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { purgeHelpers } from "../../test/purge-fixtures.js";
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

const { retired, preview, blockers, purge, codes, view, tombstones, storedFiles, hold, lift, point, aJob } = purgeHelpers(() => ({
  platform,
  people,
  reviewer,
}));

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
      await people.northReleaser.post(paths.recallLift(id), { reason: "cleared" });
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
