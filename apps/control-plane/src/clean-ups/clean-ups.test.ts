import { type CleanUpPreview, type PutCleanUpRule, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aModelOf, aPyramid, draft, forceState, register, released, sealed, versionId } from "../../test/registry-fixtures.js";
import { newId } from "../platform/database/ids.js";
import { CleanUpAdvance } from "./clean-up-advance.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let reviewer: Client;
let model: string;
let rule: string;
let serial = 0;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  reviewer = await platform.addPerson("northbank", "reviewer@north.example", "compliance_reviewer");
  await register(people.stranger, { tier: "institution", slug: "calls" });
});
afterAll(() => platform.close());

/** Each test has a model and a rule of its own, and what earlier ones left is gone. */
beforeEach(async () => {
  serial += 1;
  model = `northbank/cards-${serial}`;
  rule = `old-tasks-${serial}`;
  await register(people.admin, { tier: "institution", slug: `cards-${serial}` });
  await put(platform.admin, rule);
  const { versions } = await preview(rule);
  if (versions > 0) await work((await execute(rule)).body.id);
});

const onFinance = () => ({ parents: [{ version: people.finance, relation: "finetuned_from" }] });
const retired = async (client = people.admin, of = model, options: Parameters<typeof sealed>[2] = onFinance()) => {
  const ref = await released(platform, client, of, options);
  await forceState(platform, ref, "retired");
  return ref;
};
const put = (client: Client, name: string, change: Partial<PutCleanUpRule> = {}): Promise<Answer> =>
  client.put(paths.cleanUpRule(name), {
    tier: "institution",
    states: ["retired"],
    ageDays: 0,
    isEnabled: true,
    reason: "space",
    ...change,
  });
const preview = async (name: string): Promise<CleanUpPreview> => {
  const answer = await platform.admin.post(paths.cleanUpPreview(), { rule: name });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
};
const execute = async (name: string, graph?: string): Promise<Answer> =>
  platform.admin.post(paths.cleanUps(), { rule: name, graph: graph ?? (await preview(name)).graph, reason: "yearly" });
const work = (id: string) => platform.app.get(CleanUpAdvance, { strict: false }).advance({ cleanUpId: id as never });
const refs = ({ first }: CleanUpPreview) => first.map(({ ref }) => ref);
const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);
const isPurged = async (ref: string) => (await platform.admin.get(paths.version(ref))).body.purged !== null;
const hold = async (version: string) => (await reviewer.post(paths.holds(), { version, reason: "case" })).body.id as string;

/** Retired versions of a model, past the API: without files, each for itself. */
async function many(count: number): Promise<void> {
  const first = await retired();
  await asSystem(
    platform,
    `insert into versions (id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, created_by, sealed_at, released_at)
     select 'ver_' || md5(v.id || n), v.institution_id, v.model_id, 1000 + n, v.tier, 'retired', v.artifact_kind, v.root_digest, v.effective_terms,
       'test', now(), now() from versions v, generate_series(2, $2::int) n where v.id = $1`,
    [await versionId(platform, first), count],
  );
}

describe("a rule", () => {
  it("is kept in every revision, read by everyone and set by the platform's administrators alone", async () => {
    const second = await put(platform.admin, rule, { ageDays: 400, reason: "longer" });
    expect([second.status, second.body.revision, second.body.ageDays]).toEqual([200, 2, 400]);
    const revisions = (await people.member.get(paths.cleanUpRuleRevisions(rule))).body.data;
    expect(revisions.map(({ revision, ageDays }: { revision: number; ageDays: number }) => [revision, ageDays])).toEqual([
      [2, 400],
      [1, 0],
    ]);
    expect((await people.member.get(paths.cleanUpRule(rule))).body).toEqual(second.body);
    const listed = (await people.member.get(`${paths.cleanUpRules()}?limit=200`)).body.data;
    expect(listed.filter(({ name }: { name: string }) => name === rule)).toEqual([second.body]);
    for (const client of [people.engineer, people.admin, people.member]) {
      const refused = await put(client, rule);
      expect([refused.status, codes(refused)]).toEqual([403, ["clean_up_role"]]);
      expect((await client.post(paths.cleanUpPreview(), { rule })).status).toBe(403);
      expect((await client.post(paths.cleanUps(), { rule, graph: "0".repeat(64), reason: "x" })).status).toBe(403);
    }
    const audited = await asSystem(
      platform,
      "select reason from audit_entries where action = 'clean_up.rule' and object = $1 order by id",
      [`clean-up-rules/${rule}`],
    );
    expect(audited).toEqual([{ reason: "space" }, { reason: "longer" }]);
    await expect(asSystem(platform, "update clean_up_rules set age_days = 1 where name = $1", [rule])).rejects.toThrow("permission denied");
  });

  it("names no state that is in use or on its way back, and nothing unknown", async () => {
    for (const change of [
      { states: ["released"] },
      { states: ["quarantined"] },
      { states: [] },
      { states: ["draft", "draft"] },
      { ageDays: -1 },
    ]) {
      expect((await put(platform.admin, rule, change as never)).status).toBe(400);
    }
    expect((await put(platform.admin, rule, { owner: "northbank" } as never)).status).toBe(400);
    expect((await put(platform.admin, rule, { reason: " " })).status).toBe(400);
    expect((await platform.admin.post(paths.cleanUpPreview(), { rule: "nothing-such" })).status).toBe(404);
  });

  it("keeps things no shorter than the installation's minimum", async () => {
    const strict = await startPlatform({ env: { ZIGGURAT_MIN_RETENTION_DAYS: "30" } });
    try {
      const refused = await put(strict.admin, "short", { ageDays: 29 });
      expect([refused.status, codes(refused)]).toEqual([422, ["rule_age"]]);
      expect((await put(strict.admin, "long", { ageDays: 30 })).status).toBe(200);
    } finally {
      await strict.close();
    }
  });
});

describe("a preview", () => {
  it("lists what would go, the longest out of use first, and writes nothing", async () => {
    const [first, second] = [await retired(), await retired(people.stranger, "southbank/calls")];
    await sealed(people.admin, model, onFinance());
    const made = await draft(people.admin, model, onFinance());
    const seen = await preview(rule);
    expect(refs(seen)).toEqual([first, second]);
    expect(seen).toMatchObject({ versions: 2, files: 4, hasMore: false, kept: [] });
    expect(seen.first[0]).toMatchObject({ tier: "institution", owner: "northbank", state: "retired" });
    await put(platform.admin, rule, { states: ["retired", "draft"] });
    expect(refs(await preview(rule))).toContain(made.body.ref);
    await put(platform.admin, rule, { ageDays: 1 });
    expect((await preview(rule)).versions).toBe(0);
    await put(platform.admin, rule, { tier: "finance" });
    expect(refs(await preview(rule))).not.toContain(first);
    expect([await isPurged(first), await isPurged(second)]).toEqual([false, false]);
  });

  it("says how much space returns: bytes that go with the last version that has them", async () => {
    const files = aModelOf(newId("request"));
    const options = { ...onFinance(), files };
    const [first, second] = [await retired(people.admin, model, options), await retired(people.admin, model, options)];
    const size = (await platform.admin.get(paths.version(first))).body.sizeBytes;
    const weights = files["model.safetensors"]?.length ?? 0;
    const both = await preview(rule);
    expect(refs(both)).toEqual([first, second]);
    expect(both).toMatchObject({ sizeBytes: 2 * size });
    // The configuration is the same in every version of these tests, the weights only in these two.
    expect(both.ownBytes).toBe(weights);
    const id = await hold(second);
    expect(await preview(rule)).toMatchObject({ versions: 1, ownBytes: 0, kept: [{ code: "held", versions: 1 }] });
    await reviewer.post(paths.holdLift(id), { reason: "closed" });
    await people.admin.post(paths.holdLiftConfirm(id), {});
  });

  it("never has in it what is live, held, a rollback target, or an ancestor of such", async () => {
    const parent = await retired();
    const child = await sealed(people.admin, model, {
      artifactKind: "quantized",
      parents: [{ version: parent, relation: "quantized_from" }],
    });
    expect(await preview(rule)).toMatchObject({ versions: 0, kept: [{ code: "ancestor_of_live", versions: 1 }] });
    await forceState(platform, child, "retired");
    expect(refs(await preview(rule))).toEqual([parent, child]);
    const id = await hold(child);
    expect(await preview(rule)).toMatchObject({
      versions: 0,
      kept: [
        { code: "ancestor_of_held", versions: 1 },
        { code: "held", versions: 1 },
      ],
    });
    await reviewer.post(paths.holdLift(id), { reason: "closed" });
    await people.admin.post(paths.holdLiftConfirm(id), {});
    await asSystem(
      platform,
      "insert into aliases (model_id, name, institution_id, version_id, moved_by) select model_id, 'main', institution_id, id, 'test' from versions where id = $1",
      [await versionId(platform, child)],
    );
    expect((await preview(rule)).kept.map(({ code }) => code)).toEqual(["alias", "ancestor_of_rollback"]);
  });

  it("agrees with what a purge of each by hand would say", async () => {
    const on = (version: string) => ({ artifactKind: "quantized", parents: [{ version, relation: "quantized_from" }] });
    const below = async (state: string) => {
      const parent = await retired();
      const child = await sealed(people.admin, model, on(parent));
      await forceState(platform, child, state);
      return [parent, child];
    };
    const drafted = await retired();
    await draft(people.admin, model, on(drafted));
    const [worked, workedChild] = await below("retired");
    await asSystem(
      platform,
      `insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, requested_by, requested_by_name, due_at)
       select $1, v.institution_id, v.model_id, 'evaluate', 'evaluate', v.tier, v.id, '{}', 1, 'running', 'usr_${"0".repeat(32)}', 'test', null
       from versions v where v.id = $2`,
      [newId("job"), await versionId(platform, workedChild ?? "")],
    );
    const [kept, heldChild] = await below("retired");
    const id = await hold(heldChild ?? "");
    const trees = [await below("released"), await below("quarantined"), await below("recalled"), await below("retired")].flat();
    const all = [drafted, worked, workedChild, kept, heldChild, ...trees, await retired()].flatMap((ref) => ref ?? []);
    const free: string[] = [];
    const reasons: string[] = [];
    for (const ref of all) {
      const { state } = (await people.admin.get(paths.version(ref))).body;
      const { blockers } = (await people.admin.post(paths.purgePreview(), { version: ref })).body;
      if (state === "retired" && blockers.length === 0) free.push(ref);
      if (state === "retired") reasons.push(...blockers.map(({ code }: { code: string }) => code));
    }
    const seen = await preview(rule);
    expect(refs(seen)).toEqual(free);
    // Two of the four trees, the last one whole, and one that stands alone.
    expect(free).toHaveLength(4);
    expect(seen.kept.map(({ code }) => code)).toEqual(expect.arrayContaining([...new Set(reasons)]));
    await reviewer.post(paths.holdLift(id), { reason: "closed" });
    await people.admin.post(paths.holdLiftConfirm(id), {});
  });

  it("leaves what a recall in force may give back", async () => {
    const version = await released(platform, people.admin, model, onFinance());
    const { graph } = (await people.admin.post(paths.recallPreview(), { version })).body;
    await people.admin.post(paths.recalls(), { version, graph, reason: "unlawful" });
    await put(platform.admin, rule, { states: ["recalled"] });
    const seen = await preview(rule);
    expect(refs(seen)).not.toContain(version);
    expect(seen.kept).toEqual([{ code: "recall_in_force", versions: 1 }]);
  });
});

describe("a clean-up", () => {
  it("takes exactly what the preview showed, each with a tombstone and an audit entry of its owner", async () => {
    const [ours, theirs] = [await retired(), await retired(people.stranger, "southbank/calls")];
    const made = await execute(rule);
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ rule, revision: 1, state: "executing", expected: 2, purged: 0 }),
    ]);
    const late = await retired();
    await work(made.body.id);
    const done = (await platform.admin.get(paths.cleanUp(made.body.id))).body;
    expect(done).toMatchObject({ state: "done", purged: 2, kept: 0, finishedAt: expect.any(String) });
    expect(await Promise.all([ours, theirs, late].map(isPurged))).toEqual([true, true, false]);
    const items = (await platform.admin.get(paths.cleanUpVersions(made.body.id))).body.data;
    expect(items).toEqual([
      { ref: ours, owner: "northbank", outcome: "purged", codes: [] },
      { ref: theirs, owner: "southbank", outcome: "purged", codes: [] },
    ]);
    const [stone] = (await people.admin.get(paths.purges())).body.data;
    expect(stone).toMatchObject({ subject: { ref: ours }, by: "clean-up", reason: expect.stringContaining(`by rule ${rule}, revision 1`) });
    const audited = await asSystem<{ owner: string }>(
      platform,
      "select i.slug as owner from audit_entries a join institutions i on i.id = a.institution_id where action = 'version.purge' and object = any($1) order by a.id",
      [[ours, theirs]],
    );
    expect(audited.map(({ owner }) => owner)).toEqual(["northbank", "southbank"]);
    expect((await people.admin.get(paths.cleanUp(made.body.id))).status).toBe(404);
    expect((await people.admin.get(paths.cleanUps())).body.data).toEqual([]);
  });

  it("keeps what came to be held since, and says why", async () => {
    const [free, held] = [await retired(), await retired()];
    const made = await execute(rule);
    const id = await hold(held);
    await work(made.body.id);
    expect((await platform.admin.get(paths.cleanUp(made.body.id))).body).toMatchObject({ state: "done", purged: 1, kept: 1 });
    expect(await Promise.all([free, held].map(isPurged))).toEqual([true, false]);
    const items = (await platform.admin.get(paths.cleanUpVersions(made.body.id))).body.data;
    expect(items[1]).toMatchObject({ ref: held, outcome: "kept", codes: ["held"] });
    await reviewer.post(paths.holdLift(id), { reason: "closed" });
    await people.admin.post(paths.holdLiftConfirm(id), {});
  });

  it("is refused when the rule would take something else, is off, takes nothing, or is being carried out", async () => {
    expect(codes(await execute(rule))).toEqual(["nothing_selected"]);
    const first = await retired();
    const { graph } = await preview(rule);
    await retired();
    const changed = await execute(rule, graph);
    expect([changed.status, codes(changed)]).toEqual([409, ["graph_changed"]]);
    await put(platform.admin, rule, { isEnabled: false });
    expect(codes(await execute(rule))).toEqual(["rule_disabled"]);
    await put(platform.admin, rule);
    const answers = await Promise.all(Array.from({ length: 3 }, () => execute(rule)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(codes(await execute(rule))).toEqual(["clean_up_running"]);
    expect(await isPurged(first)).toBe(false);
    await work(answers.find(({ status }) => status === 201)?.body.id);
  });

  it("stops when its rule is switched off", async () => {
    const version = await retired();
    const made = await execute(rule);
    await put(platform.admin, rule, { isEnabled: false, reason: "wait" });
    await work(made.body.id);
    expect((await platform.admin.get(paths.cleanUp(made.body.id))).body).toMatchObject({ state: "done", purged: 0, kept: 1 });
    expect(await isPurged(version)).toBe(false);
  });

  it("goes on where a kill left it, over several batches, and takes each version once, however often it is told to", async () => {
    await many(130);
    const made = await execute(rule);
    expect(made.body.expected).toBe(130);
    const id: string = made.body.id;
    const [last] = await asSystem<{ version_id: string }>(
      platform,
      "select version_id from clean_up_items where clean_up_id = $1 order by n desc limit 1",
      [id],
    );
    // Somebody holds the last version, so the worker comes to a stand in its last batch; there its connection is cut.
    const [holder, observer] = [0, 1].map(() => new pg.Client({ connectionString: platform.database.superuserUrl }));
    if (holder === undefined || observer === undefined) throw new Error("no clients");
    await Promise.all([holder.connect(), observer.connect()]);
    await holder.query("begin");
    await holder.query("select 1 from versions where id = $1 for update", [last?.version_id]);
    const working = work(id).then(
      () => "done",
      () => "cut off",
    );
    const waits =
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and pid <> pg_backend_pid()";
    await expect.poll(async () => (await observer.query(waits)).rowCount, { timeout: 15_000 }).toBe(1);
    await observer.query(`select pg_terminate_backend(pid) from (${waits}) stuck`);
    expect(await working).toBe("cut off");
    expect((await platform.admin.get(paths.cleanUp(id))).body).toMatchObject({ state: "executing", purged: 100 });
    await holder.query("rollback");
    await Promise.all([holder.end(), observer.end()]);

    await asSystem(platform, "update clean_ups set due_at = now() where id = $1", [id]);
    await platform.app.get(CleanUpAdvance, { strict: false }).enqueueDue();
    expect(await asSystem(platform, "select 1 from outbox where payload ->> 'cleanUpId' = $1", [id])).toHaveLength(2);
    await Promise.all([work(id), work(id)]);
    await work(id);
    expect((await platform.admin.get(paths.cleanUp(id))).body).toMatchObject({ state: "done", purged: 130, kept: 0 });
    const audited = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from audit_entries where action = 'version.purge' and reason like $1 || '%' group by object",
      [id],
    );
    expect([audited.length, Math.max(...audited.map(({ n }) => n))]).toEqual([130, 1]);
  });
});
