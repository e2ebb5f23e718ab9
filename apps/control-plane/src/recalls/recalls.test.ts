import { paths, type RecallPreview } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, aSafetensors, dataset, draft, register, released, sealed, versionId } from "../../test/registry-fixtures.js";
import { Escalations } from "../notices/escalations.service.js";
import { newId } from "../platform/database/ids.js";
import { RecallAdvance } from "./recall-advance.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let reviewer: Client;
/** A foundation with one finance version on it, and task versions of two institutions on that. */
let base: string;
let ledger: string;
let ours: string[];
let theirs: string;
let serial = 0;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  reviewer = await platform.addPerson("northbank", "reviewer@north.example", "compliance_reviewer");
  await register(people.stranger, { tier: "institution", slug: "calls" });
});
afterAll(() => platform.close());

beforeEach(async () => {
  serial += 1;
  await register(people.engineer, { tier: "foundation", slug: `base-${serial}` });
  await register(people.engineer, { tier: "finance", slug: `ledger-${serial}` });
  base = await released(platform, people.engineer, `foundation/base-${serial}`);
  ledger = await released(platform, people.engineer, `finance/ledger-${serial}`, {
    parents: [{ version: base, relation: "pretrained_from" }],
  });
  const onLedger = { parents: [{ version: ledger, relation: "finetuned_from" }] };
  ours = [await released(platform, people.admin, "northbank/cards", onLedger), await sealed(people.admin, "northbank/cards", onLedger)];
  theirs = await released(platform, people.stranger, "southbank/calls", onLedger);
});

const preview = async (client: Client, subject: object): Promise<RecallPreview> => {
  const answer = await client.post(paths.recallPreview(), subject);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
};
const recall = async (client: Client, subject: object, more: object = {}) =>
  client.post(paths.recalls(), { ...subject, graph: (await preview(client, subject)).graph, reason: "unlawful source", ...more });
const work = (id: string) => platform.app.get(RecallAdvance, { strict: false }).advance({ recallId: id as never });
const states = async (refs: readonly string[]) =>
  Promise.all(refs.map(async (ref) => (await people.engineer.get(paths.version(ref))).body.state));
const inbox = async (client: Client) => (await client.get(paths.notices())).body.data;

/** A job of an institution, written as the request would leave it. */
async function aJob(onVersion: string, state: string): Promise<string> {
  const id = newId("job");
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, requested_by, requested_by_name, due_at)
     select $1, m.institution_id, m.id, 'tune', 'full', m.tier, $2, '{}', 1, $3, 'usr_${"0".repeat(32)}', 'test', null
     from models m where m.namespace = 'northbank' and m.slug = 'cards'`,
    [id, await versionId(platform, onVersion), state],
  );
  return id;
}

/** Lets the line of a version grow by so many released ones, past the API; answers the number of the last. */
async function growLine(ref: string, by: number): Promise<number> {
  const id = await versionId(platform, ref);
  const [model] = await asSystem<{ next: number }>(
    platform,
    "update models set next_version = next_version + $2 where id = (select model_id from versions where id = $1) returning next_version - $2 as next",
    [id, by],
  );
  const first = model?.next ?? 0;
  await asSystem(
    platform,
    `insert into versions (id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, line_id, line_seq, created_by, sealed_at, released_at)
     select 'ver_' || md5(v.id || n), v.institution_id, v.model_id, $2 + n, v.tier, 'released', v.artifact_kind, v.root_digest, v.effective_terms,
       v.line_id, v.line_seq + 1 + n, 'test', now(), now()
     from versions v, generate_series(0, $3::int - 1) n where v.id = $1`,
    [id, first, by],
  );
  await asSystem(platform, "update lines set tip_seq = tip_seq + $2 where id = (select line_id from versions where id = $1)", [id, by]);
  return first + by - 1;
}

describe("a recall", () => {
  it("reaches exactly what its preview showed: the version, and all that descends from it", async () => {
    const seen = await preview(people.engineer, { version: base });
    expect(seen.first.map(({ ref }) => ref).sort()).toEqual([base, ledger, ...ours, theirs].sort());
    expect(seen).toMatchObject({
      versions: 5,
      alreadyRecalled: 0,
      byInstitution: expect.arrayContaining([
        { institution: "northbank", versions: 2 },
        { institution: "southbank", versions: 1 },
        { institution: "platform", versions: 2 },
      ]),
    });
    expect(await states([base, ledger, ...ours, theirs])).toEqual(["released", "released", "released", "sealed", "released"]);

    const made = await recall(people.engineer, { version: base });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ state: "executing", expected: 5 });
    // Its own version is out of use before the answer is sent.
    expect(await states([base])).toEqual(["recalled"]);
    await work(made.body.id);
    expect(await states([base, ledger, ...ours, theirs, people.finance])).toEqual([...Array(5).fill("recalled"), "released"]);
    const items = await people.engineer.get(paths.recallVersions(made.body.id));
    expect(items.body.data.map(({ ref }: { ref: string }) => ref).sort()).toEqual(seen.first.map(({ ref }) => ref).sort());
    expect((await people.releaser.get(paths.recall(made.body.id))).body).toMatchObject({ state: "in_force", blocked: 5, mayLift: true });
    // Whoever made the version does not bring it back into use.
    expect((await people.engineer.get(paths.recall(made.body.id))).body).toMatchObject({ state: "in_force", mayLift: false });
    const own = await people.engineer.post(paths.recallLift(made.body.id), { reason: "it is fine" });
    expect([own.status, own.body.errors.map(({ code }: { code: string }) => code)]).toEqual([
      403,
      ["own_registration", "own_submission", "own_upload"],
    ]);
  });

  it("leaves everything beside it alone: ancestors, siblings and other lines", async () => {
    const made = await recall(people.engineer, { version: ledger });
    await work(made.body.id);
    expect(await states([base, ledger, people.foundation, people.finance])).toEqual(["released", "recalled", "released", "released"]);
  });

  it("is refused when the graph has changed since the preview, and nothing is done", async () => {
    const { graph } = await preview(people.engineer, { version: base });
    await sealed(people.admin, "northbank/cards", { parents: [{ version: ledger, relation: "finetuned_from" }] });
    const answer = await people.engineer.post(paths.recalls(), { version: base, graph, reason: "unlawful source" });
    expect([answer.status, answer.body.errors?.[0]?.code ?? answer.body.violations?.[0]?.code]).toEqual([409, "graph_changed"]);
    expect(await states([base, ledger])).toEqual(["released", "released"]);
    expect(
      await asSystem(platform, "select 1 from recalls r join versions v on v.id = r.version_id where v.id = $1", [
        await versionId(platform, base),
      ]),
    ).toEqual([]);
  });

  it("is executed once, however many ask at the same moment", async () => {
    const { graph } = await preview(people.engineer, { version: base });
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => people.engineer.post(paths.recalls(), { version: base, graph, reason: "unlawful source" })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it("goes on after a crash, and doing a step again changes nothing", async () => {
    const made = await recall(people.engineer, { version: base });
    const id: string = made.body.id;
    // The crash left it half done: the first version held, the cursor behind it.
    await Promise.all([work(id), work(id)]);
    await work(id);
    const audited = await asSystem<{ object: string; n: number }>(
      platform,
      "select object, count(*)::int as n from audit_entries where action = 'version.recall' and object = any($1) group by object",
      [[base, ledger, ...ours, theirs]],
    );
    expect(audited.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1]);
    expect((await inbox(people.stranger)).filter((notice: { recall: string }) => notice.recall === id)).toHaveLength(1);
  });

  it("goes on where a crash left it, over many batches, and takes every version once", async () => {
    const last = await growLine(theirs, 450);
    const made = await recall(people.engineer, { version: base });
    expect(made.body.expected).toBe(5 + 450);
    const id: string = made.body.id;
    const [late] = await asSystem<{ id: string }>(
      platform,
      "select id from versions where model_id = (select model_id from versions where id = $1) and number = $2",
      [await versionId(platform, theirs), last],
    );
    // Somebody holds the last version, so the worker comes to a stand in its last batch; there its connection is cut.
    const holder = new pg.Client({ connectionString: platform.database.superuserUrl });
    await holder.connect();
    await holder.query("begin");
    await holder.query("select 1 from versions where id = $1 for update", [late?.id]);
    const working = work(id).then(
      () => "done",
      () => "cut off",
    );
    const waits =
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()";
    const observer = new pg.Client({ connectionString: platform.database.superuserUrl });
    await observer.connect();
    await expect.poll(async () => (await observer.query(waits)).rowCount, { timeout: 15_000 }).toBe(1);
    await observer.query(`select pg_terminate_backend(pid) from (${waits}) stuck`);
    expect(await working).toBe("cut off");
    const half = (await people.engineer.get(paths.recall(id))).body;
    expect(half.state).toBe("executing");
    expect(half.blocked).toBeGreaterThanOrEqual(200);
    expect(half.blocked).toBeLessThan(455);
    await holder.query("rollback");
    await Promise.all([holder.end(), observer.end()]);

    await work(id);
    expect((await people.engineer.get(paths.recall(id))).body).toMatchObject({ state: "in_force", blocked: 455 });
    const audited = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from audit_entries where action = 'version.recall' and reason like $1 || '%' group by object",
      [id],
    );
    expect([audited.length, Math.max(...audited.map(({ n }) => n))]).toEqual([455, 1]);
    await people.releaser.post(paths.recallLift(id), { reason: "cleared" });
    await work(id);
    expect((await people.engineer.get(paths.recall(id))).body).toMatchObject({ state: "lifted", restored: 455 });
    expect(await states([base, theirs])).toEqual(["released", "released"]);
  });

  it("takes a version that was sealed behind its pass", async () => {
    const made = await recall(people.engineer, { version: base });
    // The pass is past every line; a version of an earlier line, still unblocked, appears now.
    await asSystem(platform, "update recalls set cursor_line = 9223372036854775807, cursor_seq = 0 where id = $1", [made.body.id]);
    await work(made.body.id);
    expect(await states([ledger, theirs])).toEqual(["recalled", "recalled"]);
  });

  it("lets nothing new be derived from what it took", async () => {
    const made = await recall(people.engineer, { version: base });
    await work(made.body.id);
    const answer = await draft(people.admin, "northbank/cards", { parents: [{ version: ledger, relation: "finetuned_from" }] });
    expect([answer.status, answer.body.code]).toEqual([422, "rule"]);
  });

  it("cancels jobs that wait and marks those that run", async () => {
    const [waiting, running, other] = [await aJob(ledger, "queued"), await aJob(ledger, "running"), await aJob(people.finance, "queued")];
    expect(await preview(people.engineer, { version: base })).toMatchObject({ jobsToCancel: 1, jobsToFlag: 1 });
    const made = await recall(people.engineer, { version: base });
    await work(made.body.id);
    const jobs = await Promise.all([waiting, running, other].map(async (id) => (await people.member.get(paths.job(id))).body));
    expect(jobs.map(({ state, flaggedBy }) => [state, flaggedBy])).toEqual([
      ["cancelled", null],
      ["running", made.body.id],
      ["queued", null],
    ]);
    expect((await people.engineer.get(paths.recall(made.body.id))).body).toMatchObject({ jobsCancelled: 1, jobsFlagged: 1 });
    await people.releaser.post(paths.recallLift(made.body.id), { reason: "cleared" });
    await work(made.body.id);
    expect((await people.member.get(paths.job(running))).body.flaggedBy).toBeNull();
  });
});

describe("lifting", () => {
  it("gives every version the state it was taken from", async () => {
    const made = await recall(people.engineer, { version: base });
    await work(made.body.id);
    const lifted = await people.releaser.post(paths.recallLift(made.body.id), { reason: "the source was lawful" });
    expect([lifted.status, lifted.body.state]).toEqual([200, "lifting"]);
    await work(made.body.id);
    expect(await states([base, ledger, ...ours, theirs])).toEqual(["released", "released", "released", "sealed", "released"]);
    expect((await people.engineer.get(paths.recall(made.body.id))).body).toMatchObject({ state: "lifted", restored: 5 });
    expect((await inbox(people.stranger)).map(({ kind }: { kind: string }) => kind)).toContain("recall_lifted");
    const again = await people.releaser.post(paths.recallLift(made.body.id), { reason: "twice" });
    expect(again.status).toBe(409);
  });

  it("keeps what another recall still holds, and gives it back with that one", async () => {
    const first = await recall(people.engineer, { version: base });
    await work(first.body.id);
    const second = await recall(people.engineer, { version: ledger });
    await work(second.body.id);
    await people.releaser.post(paths.recallLift(first.body.id), { reason: "cleared" });
    await work(first.body.id);
    expect(await states([base, ledger, theirs])).toEqual(["released", "recalled", "recalled"]);
    await people.releaser.post(paths.recallLift(second.body.id), { reason: "cleared" });
    await work(second.body.id);
    expect(await states([base, ledger, ...ours, theirs])).toEqual(["released", "released", "released", "sealed", "released"]);
  });

  it("lets a version be recalled again", async () => {
    const first = await recall(people.engineer, { version: base });
    await work(first.body.id);
    await people.releaser.post(paths.recallLift(first.body.id), { reason: "cleared" });
    await work(first.body.id);
    expect((await recall(people.engineer, { version: base })).status).toBe(201);
  });
});

describe("withdrawal of data", () => {
  it("takes every model that learnt from it, at all tiers, and lets nothing learn from it any more", async () => {
    const data = await dataset(people.engineer, `finance/corpus-${serial}`, `{"text":"bonds ${serial}"}\n`);
    await asSystem(
      platform,
      `insert into dataset_uses (version_id, dataset_version_id, institution_id)
       select $1, dv.id, dv.institution_id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = $2`,
      [await versionId(platform, ledger), `corpus-${serial}`],
    );
    const made = await recall(people.engineer, { dataset: data });
    await work(made.body.id);
    expect(await states([base, ledger, ...ours, theirs])).toEqual(["released", "recalled", "recalled", "recalled", "recalled"]);
    const ask = () =>
      people.engineer.post(paths.plans(), {
        kind: "pretrain",
        model: `finance/ledger-${serial}`,
        parent: base,
        method: "continued",
        datasets: [data],
        hyperparameters: {},
      });
    const codes = (body: { violations: { code: string }[] }) => body.violations.map(({ code }) => code);
    expect(codes((await ask()).body)).toContain("dataset_withdrawn");
    await people.releaser.post(paths.recallLift(made.body.id), { reason: "consent was given" });
    await work(made.body.id);
    expect(codes((await ask()).body)).not.toContain("dataset_withdrawn");
  });
});

describe("who may, and who learns what", () => {
  it("refuses members, and hides what is another institution's", async () => {
    for (const subject of [{ version: base }, { version: ours[0] }]) {
      expect((await people.member.post(paths.recallPreview(), subject)).status).toBe(403);
    }
    expect((await people.stranger.post(paths.recallPreview(), { version: ours[0] })).status).toBe(404);
    expect((await people.stranger.post(paths.recallPreview(), { version: base })).status).toBe(403);
    expect((await people.admin.post(paths.recallPreview(), { version: ours[0] })).status).toBe(200);
  });

  it("shows an institution its own part and nothing of another's", async () => {
    const made = await recall(people.engineer, { version: base });
    await work(made.body.id);
    expect((await people.stranger.get(paths.recall(made.body.id))).status).toBe(404);
    expect((await people.stranger.get(paths.recallVersions(made.body.id))).body.data.map(({ ref }: { ref: string }) => ref)).toEqual(
      expect.arrayContaining([theirs]),
    );
    const text = JSON.stringify([await inbox(people.stranger), (await people.stranger.get(paths.recallVersions(made.body.id))).body]);
    expect(text).not.toContain("northbank");
    const [notice] = await inbox(people.stranger);
    expect(notice).toMatchObject({ kind: "recall", subject: base, versions: 1, institution: "southbank", about: null });
    expect((await people.admin.post(paths.noticeAction(notice.id, "acknowledge"))).status).toBe(404);
  });

  it.each([
    ["neither", {}],
    ["both", { version: "a-b/c-d@1", dataset: "a-b/c-d@1" }],
    ["an unknown field", { version: "a-b/c-d@1", cascade: false }],
  ])("refuses a subject of %s", async (_, body) => {
    expect((await people.engineer.post(paths.recallPreview(), body)).status).toBe(400);
  });

  it("asks for a reason and for a deadline that lies ahead", async () => {
    expect((await recall(people.engineer, { version: base }, { reason: " " })).status).toBe(400);
    const late = await recall(people.engineer, { version: base }, { acknowledgeBy: "2020-01-01T00:00:00Z" });
    expect([late.status, JSON.stringify(late.body).includes("/acknowledgeBy")]).toEqual([422, true]);
  });

  it("hides what does not exist", async () => {
    expect((await people.engineer.post(paths.recallPreview(), { version: "foundation/nothing@7" })).status).toBe(404);
  });

  it("refuses a draft, which stands for nothing yet", async () => {
    const made = await draft(people.engineer, `foundation/base-${serial}`, { files: { "model.safetensors": aSafetensors() } });
    expect((await people.engineer.post(paths.recallPreview(), { version: made.body.ref })).status).toBe(409);
  });
});

describe("notices", () => {
  it("are seen, and confirmed once by who may", async () => {
    const made = await recall(people.engineer, { version: base });
    await work(made.body.id);
    const [notice] = await inbox(people.admin);
    expect((await people.member.post(paths.noticeAction(notice.id, "acknowledge"))).status).toBe(403);
    await people.member.post(paths.noticeAction(notice.id, "seen"));
    const word = async () =>
      (await people.engineer.get(paths.recall(made.body.id))).body.acknowledgements.find(
        ({ institution }: { institution: string }) => institution === "northbank",
      );
    expect(await word()).toMatchObject({ versions: 2, seenAt: expect.any(String), acknowledgedAt: null });
    await reviewer.post(paths.noticeAction(notice.id, "acknowledge"));
    await people.admin.post(paths.noticeAction(notice.id, "acknowledge"));
    expect(await word()).toMatchObject({ acknowledgedBy: "reviewer" });
    expect(
      (await people.admin.get(`${paths.notices()}?filter[open]=true&include=total`)).body.data.map(({ id }: { id: string }) => id),
    ).not.toContain(notice.id);
  });

  it("pass a missed deadline on, once for each step, and not at all once confirmed or lifted", async () => {
    const acknowledgeBy = new Date(Date.now() + 60_000).toISOString();
    const made = await recall(people.engineer, { version: base }, { acknowledgeBy });
    await work(made.body.id);
    const own = (await inbox(people.admin)).find(({ recall: id }: { recall: string }) => id === made.body.id);
    await people.admin.post(paths.noticeAction(own.id, "acknowledge"));
    const escalations = platform.app.get(Escalations, { strict: false });
    const inHours = (hours: number) => new Date(Date.parse(acknowledgeBy) + hours * 3_600_000);
    await escalations.run(inHours(-0.001));
    await escalations.run(inHours(1));
    await Promise.all([escalations.run(inHours(2)), escalations.run(inHours(2))]);
    const late = async () =>
      (await inbox(people.engineer)).filter(
        (one: { recall: string; kind: string }) => one.recall === made.body.id && one.kind === "recall_unacknowledged",
      );
    expect((await late()).map(({ about }: { about: string }) => about)).toEqual(["southbank"]);
    await escalations.run(inHours(24 * 9));
    await escalations.run(inHours(24 * 10));
    expect(await late()).toHaveLength(3);
  });
});
