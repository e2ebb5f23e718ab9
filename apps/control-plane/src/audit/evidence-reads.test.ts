import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, aSafetensors, dataset, sealed, sha256, upload } from "../../test/registry-fixtures.js";
import { firstIdAt, newId } from "../platform/database/ids.js";
import { READ_WINDOW_MS } from "../platform/database/note-read.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let cards: string;
let rows: string;
let job: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  cards = await sealed(people.admin, "northbank/cards", {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
  rows = await dataset(people.member, "northbank/intents", '{"text":"one"}\n{"text":"two"}\n');
  job = newId("job");
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name)
     select $1, institution_id, id, 'tune', 'lora', tier, '{}', 1, 'failed', $2, 'test' from models where slug = 'cards'`,
    [job, people.member.viewer.userId],
  );
});
afterAll(() => platform.close());

interface Noted {
  readonly chain: string;
  readonly actor_id: string;
  readonly action: string;
  readonly object: string;
}
const notedOn = (object: string) =>
  asSystem<Noted>(
    platform,
    `select i.slug as chain, e.actor_id, e.action, e.object from audit_entries e join institutions i on i.id = e.institution_id
      where e.object = $1 and e.action = any('{file.read,file.refused,job.read_log,dataset.read_rows,evaluation.read_items}') order by e.id`,
    [object],
  );
const entry = (reader: Client, action: string, object: string): Noted => ({
  chain: reader.viewer.institutionSlug,
  actor_id: reader.viewer.userId,
  action,
  object,
});

describe("reading sensitive evidence is written down: ", () => {
  it("a file of one's own, once for a person however often it is asked for in parts", async () => {
    const object = `${cards}/adapter_model.safetensors`;
    const path = paths.versionFile(cards, "adapter_model.safetensors");
    for (let n = 0; n < 3; n += 1) expect((await people.member.get(path, { range: `bytes=${n}-${n}` })).status).toBe(206);
    expect(await notedOn(object)).toEqual([entry(people.member, "file.read", object)]);
    expect((await people.admin.get(path)).status).toBe(200);
    expect(await notedOn(object)).toEqual([entry(people.member, "file.read", object), entry(people.admin, "file.read", object)]);
  });

  it("once even when many requests come at the same moment", async () => {
    const path = paths.versionFile(cards, "adapter_config.json");
    await Promise.all(Array.from({ length: 12 }, () => people.member.get(path)));
    expect(await notedOn(`${cards}/adapter_config.json`)).toHaveLength(1);
  });

  it("again once the window has passed", async () => {
    // An entry as it would stand had the read been a window ago.
    const old = `blobs/${await upload(people.member, aSafetensors(4, "long ago"))}`;
    const viewer = people.member.viewer;
    await asSystem(
      platform,
      `insert into audit_entries (id, institution_id, at, actor_id, actor_name, action, object, reason, digest)
       values ($1, $2, now(), $3, 'x', 'file.read', $4, '', 'x')`,
      [firstIdAt("audit", Date.now() - READ_WINDOW_MS - 1000), viewer.institutionId, viewer.userId, old],
    );
    await people.member.get(`/api/v1/${old}`);
    await people.member.get(`/api/v1/${old}`);
    expect(await notedOn(old)).toHaveLength(2);
  });

  it("a shared file, in the chain of the institution that took it and not in the platform's", async () => {
    const { foundation } = people;
    const answer = await people.engineer.get(paths.versionFile(foundation, "config.json"));
    expect(answer.status).toBe(200);
    expect(await notedOn(`${foundation}/config.json`)).toEqual([entry(people.engineer, "file.read", `${foundation}/config.json`)]);
    const refused = await people.member.get(paths.versionFile(foundation, "config.json"));
    const taken = await notedOn(`${foundation}/config.json`);
    expect(taken.at(-1)).toEqual(entry(people.member, refused.status === 200 ? "file.read" : "file.refused", `${foundation}/config.json`));
  });

  it("rows of a dataset", async () => {
    expect((await people.member.get(`${paths.datasetRows(rows)}?offset=0&limit=1`)).status).toBe(200);
    expect((await people.member.get(`${paths.datasetRows(rows)}?offset=1&limit=1`)).status).toBe(200);
    expect(await notedOn(`datasets/${rows}`)).toEqual([entry(people.member, "dataset.read_rows", `datasets/${rows}`)]);
  });

  it("a job's log, read or streamed", async () => {
    expect((await people.admin.get(paths.jobLogs(job))).status).toBe(200);
    expect((await people.admin.get(paths.jobEvents(job))).status).toBe(200);
    expect((await people.member.get(paths.jobEvents(job))).status).toBe(200);
    expect(await notedOn(job)).toEqual([entry(people.admin, "job.read_log", job), entry(people.member, "job.read_log", job)]);
  });

  it("items of an evaluation", async () => {
    const items = `${JSON.stringify({ format: "text", index: 0, tokens: 3, nll: 1.5 })}\n`;
    const digest = await upload(people.member, items);
    const id = newId("evaluation");
    await asSystem(
      platform,
      `insert into evaluations (id, institution_id, version_id, dataset_version_id, job_id, format, root_digest, rows, items_sha256)
       select $1, v.institution_id, v.id, dv.id, $2, 'text', v.root_digest, 1, $3
         from versions v join models m on m.id = v.model_id, dataset_versions dv join datasets d on d.id = dv.dataset_id
        where m.slug = 'cards' and v.number = 1 and d.slug = 'intents'`,
      [id, job, digest],
    );
    expect((await people.admin.get(paths.evaluationItems(id))).status).toBe(200);
    expect((await people.admin.get(paths.evaluationItems(id))).status).toBe(200);
    expect(await notedOn(id)).toEqual([entry(people.admin, "evaluation.read_items", id)]);
  });
});

describe("nothing is written where nothing was read: ", () => {
  it("another institution, which is told that nothing is there", async () => {
    const before = await asSystem<{ n: number }>(platform, "select count(*)::int as n from audit_entries where actor_id = $1", [
      people.stranger.viewer.userId,
    ]);
    const asked = [
      paths.versionFile(cards, "config.json"),
      paths.datasetRows(rows),
      paths.jobLogs(job),
      paths.jobEvents(job),
      paths.blob(sha256("never uploaded")),
    ];
    for (const path of asked) expect((await people.stranger.get(path)).status).toBe(404);
    const after = await asSystem<{ n: number }>(platform, "select count(*)::int as n from audit_entries where actor_id = $1", [
      people.stranger.viewer.userId,
    ]);
    expect(after).toEqual(before);
  });

  it("a file that the version does not have", async () => {
    expect((await people.member.get(paths.versionFile(cards, "none.json"))).status).toBe(404);
    expect(await notedOn(`${cards}/none.json`)).toEqual([]);
  });
});
