import { FakeDriver } from "@ziggurat/clusters";
import { type CreateJobInput, type Job, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aCluster, state, takeInHand } from "../../../test/hand-run.js";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset } from "../../../test/registry-fixtures.js";
import { CLUSTER_DRIVERS } from "../../clusters/cluster-drivers.js";
import { newId } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { type AttemptRow, SELECT_ATTEMPT } from "../runs/attempt-row.js";
import { Admission } from "./admission.service.js";
import { AttemptOutcome } from "./attempt-outcome.service.js";
import { RunGuards } from "./run-guards.service.js";

const chat = `${JSON.stringify({
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ],
})}\n`;
const GPU_POOL = [{ name: "h100", gpuType: "h100", nodes: 2, unitsPerNode: 8 }];

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let southAdmin: Client;
let rows: string;
let southRows: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  southAdmin = await platform.addPerson("southbank", "second@south.example", "institution_admin");
  await aCluster(platform, 1);
  await asSystem(platform, "insert into clusters (id, name, driver, slots, healthy, pools) values ($1, 'gpu', 'slurm', 16, true, $2)", [
    newId("cluster"),
    JSON.stringify(GPU_POOL),
  ]);
  // Any engine will do: the runs of these tests are the tests' own.
  const drivers: Map<string, unknown> = platform.app.get(CLUSTER_DRIVERS);
  drivers.set("gpu", Object.assign(new FakeDriver(), { keepsQueue: true }));
  await people.stranger.post(paths.models(), {
    ...{ tier: "institution", namespace: "southbank", slug: "cards", name: "cards", licence: "Apache-2.0", scenario: "risk" },
  });
  rows = await dataset(people.member, "northbank/dialogues", chat, "chat");
  southRows = await dataset(people.stranger, "southbank/dialogues", chat, "chat");
});
afterAll(() => platform?.close());

/** Nothing runs or waits, and the clusters are as they were. */
beforeEach(async () => {
  await asSystem(platform, "update attempts set state = 'cancelled', ended_at = created_at where ended_at is null");
  await asSystem(platform, "update jobs set state = 'cancelled', finished_at = now() where finished_at is null");
  await asSystem(
    platform,
    "update clusters set healthy = true, drained = false, admits = '{}', slots = case name when 'local' then 1 else slots end",
  );
});

const north = (more: Partial<CreateJobInput> = {}): CreateJobInput => ({
  ...{ kind: "tune", model: "northbank/cards", parent: people.finance, datasets: [rows], method: "lora" },
  ...more,
});
const south = (more: Partial<CreateJobInput> = {}): CreateJobInput => ({
  ...{ kind: "tune", model: "southbank/cards", parent: people.finance, datasets: [southRows], method: "lora" },
  ...more,
});
const ask = (job: CreateJobInput): Promise<Answer> =>
  (job.model.startsWith("north") ? people.member : people.stranger).post(paths.jobs(), job);
/** A job that its institution has approved. */
async function queued(job: CreateJobInput): Promise<string> {
  const made = await ask(job);
  if (made.status !== 201) throw new Error(made.text);
  const approver = job.model.startsWith("north") ? people.admin : southAdmin;
  expect((await approver.post(paths.jobAction(made.body.id, "approve"), {})).status).toBe(200);
  return made.body.id;
}
const jobOf = async (id: string): Promise<Job> => (await platform.admin.get(paths.job(id))).body;
const pass = (): Promise<string[]> => platform.app.get(Admission).run();
const later = (id: string, hours = 1) =>
  asSystem(
    platform,
    "update jobs set waiting_since = now() - make_interval(hours => $2), queued_at = now() - make_interval(hours => $2) where id = $1",
    [id, hours],
  );
/** A run that has had its time, and much before it still. */
async function running(id: string) {
  const run = await takeInHand(platform, id);
  await run.events(state(1, "running"));
  await asSystem(
    platform,
    "update jobs set estimate = jsonb_set(estimate, '{seconds}', '{\"low\": 90000, \"high\": 90000}') where id = $1",
    [id],
  );
  await asSystem(
    platform,
    "update attempts set started_at = now() - interval '1 hour', created_at = now() - interval '1 hour' where id = $1",
    [run.attemptId],
  );
  return run;
}
const attemptOf = (id: string) =>
  platform.app.get(UnitOfWork).run(systemViewer("ins_00000000000000000000000000000000", "platform", "test"), async (tx) => {
    const [row] = await tx.query<AttemptRow>(`${SELECT_ATTEMPT} where a.id = $1`, [id]);
    if (row === undefined) throw new Error(`no attempt ${id}`);
    return row;
  });
const ends = async (attemptId: string) =>
  platform.app.get(AttemptOutcome).end(await attemptOf(attemptId), { state: "failed", exitCode: 17, message: null });

describe("a request", () => {
  it("takes one CPU place at any time unless it says otherwise, and is shown with what it said", async () => {
    expect((await ask(north())).body).toMatchObject({
      priority: "standard",
      resources: { nodes: 1, gpusPerNode: 0, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null },
      ...{ window: null, maxSeconds: null, maxCost: null, placement: null, preemptions: 0, yielding: null },
    });
    const window = { days: ["sat", "sun"] as const, from: "00:00", until: "00:00", utcOffset: "+08:00" };
    const said = { priority: "bulk" as const, resources: { nodes: 2, gpusPerNode: 8, gpuType: "H100" }, maxSeconds: 3600, maxCost: 900 };
    const { body } = await ask(north({ ...said, window: { ...window, days: [...window.days] } }));
    expect(body).toMatchObject({ ...said, window });
  });

  it("is refused where it makes no sense or could never start, with field, rule and remedy", async () => {
    const pointers = async (more: object) => {
      const { status, body } = await ask(north(more));
      return [status, body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()];
    };
    expect(await pointers({ resources: { nodes: 0, gpusPerNode: -1 }, maxSeconds: 0, maxCost: -5 })).toEqual([
      400,
      ["/maxCost", "/maxSeconds", "/resources/gpusPerNode", "/resources/nodes"],
    ]);
    expect(await pointers({ priority: "ordered" })).toEqual([400, ["/priority"]]);
    expect(await pointers({ window: { from: "25:00", until: "06:00" } })).toEqual([400, ["/window/from"]]);
    expect(await pointers({ resources: { nodes: 3, gpusPerNode: 9 } })).toEqual([422, ["/resources/gpusPerNode", "/resources/nodes"]]);
    const { body } = await ask(north({ resources: { gpusPerNode: 1, gpuType: "b200" } }));
    expect(body.errors).toEqual([
      {
        code: "resources_gpu_type",
        detail: "no cluster has GPUs of type b200; there are h100",
        pointer: "/resources/gpuType",
      },
    ]);
    const plan = await people.member.post(paths.plans(), north({ priority: "interactive", maxSeconds: 90_000 }));
    expect(plan.body.violations).toMatchObject([{ code: "interactive_seconds", pointer: "/maxSeconds" }]);
  });
});

describe("placement", () => {
  it("is stored with the job, with why each other cluster was not taken", async () => {
    const id = await queued(north({ resources: { nodes: 2, gpusPerNode: 8 } }));
    expect(await pass()).toEqual([id]);
    expect((await jobOf(id)).placement).toEqual({
      cluster: "gpu",
      chosenBecause: "only_match",
      rejected: [{ cluster: "local", code: "gang", detail: "its engine does not start 2 nodes at once" }],
    });
    const [attempt] = await asSystem(platform, "select places, taken, pool, gpu_type from attempts where job_id = $1", [id]);
    expect(attempt).toEqual({ places: 16, taken: { units: 16, cpus: 0, memoryMb: 0 }, pool: "h100", gpu_type: "h100" });
    const cpu = await queued(south());
    await pass();
    expect((await jobOf(cpu)).placement).toMatchObject({ cluster: "local", chosenBecause: "only_match" });
  });

  it("waits with every objection where no cluster may take it, and goes nowhere silently", async () => {
    await asSystem(platform, `update clusters set admits = '{"sensitivities": ["public"]}' where name = 'gpu'`);
    const id = await queued(north({ resources: { gpusPerNode: 1 } }));
    expect(await pass()).toEqual([]);
    const { waiting, startRange, placement } = await jobOf(id);
    expect(waiting.map(({ code }) => code)).toEqual(["no_cluster", "data_class", "gpu_type"]);
    expect([startRange, placement]).toEqual([null, null]);
    await asSystem(platform, "update clusters set admits = '{}', drained = true where name = 'gpu'");
    await pass();
    expect((await jobOf(id)).waiting).toMatchObject([{ code: "cluster_drained" }]);
    await asSystem(platform, "update clusters set drained = false where name = 'gpu'");
    expect(await pass()).toEqual([id]);
  });
});

describe("a run that makes room", () => {
  it("saves and stops, goes back to its place, and goes on behind its checkpoint when there is room again", async () => {
    const bulk = await queued(south({ priority: "bulk" }));
    const run = await running(bulk);
    await run.events({ seq: 2, at: "2026-01-01T00:00:00.000Z", type: "checkpoint", step: 1, files: [] });
    const urgent = await queued(north());
    await pass();
    expect(await jobOf(bulk)).toMatchObject({ state: "running", yielding: null });
    await later(urgent);
    await pass();
    expect((await jobOf(urgent)).waiting).toMatchObject([{ code: "yielding" }]);
    const asked = await jobOf(bulk);
    expect(asked).toMatchObject({ state: "running", yielding: { kind: "class", detail: expect.stringContaining("higher class") } });
    expect(JSON.stringify(asked)).not.toContain("northbank");
    expect((await run.events()).body).toMatchObject({ command: "pause" });
    await pass();
    const audited = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from audit_entries where object = $1 and action = 'job.preempt'",
      [bulk],
    );
    expect(audited).toEqual([{ n: 1 }]);

    const newer = await queued(south({ priority: "bulk" }));
    await ends(run.attemptId);
    const back = await jobOf(bulk);
    expect(back).toMatchObject({
      state: "queued",
      preemptions: 1,
      yielding: null,
      attempts: [{ state: "cancelled", failure: { class: "preempted" } }],
    });
    expect(await pass()).toEqual([urgent]);
    expect([(await jobOf(bulk)).position, (await jobOf(newer)).position]).toEqual([1, 2]);
    await asSystem(platform, "update attempts set state = 'cancelled', ended_at = now() where job_id = $1", [urgent]);
    expect(await pass()).toEqual([bulk]);
    expect((await jobOf(bulk)).placement).toMatchObject({ cluster: "local", chosenBecause: "checkpoint" });
  });

  it("is paused instead where a person says so, and stays in the hands of people then", async () => {
    const bulk = await queued(south({ priority: "bulk" }));
    const run = await running(bulk);
    await later(await queued(north()));
    await pass();
    expect((await jobOf(bulk)).yielding).not.toBeNull();
    expect((await people.stranger.post(paths.jobAction(bulk, "pause"), {})).status).toBe(200);
    await ends(run.attemptId);
    expect(await jobOf(bulk)).toMatchObject({ state: "paused", preemptions: 0 });
  });

  it("does not count towards the attempts that the platform makes by itself", async () => {
    const bulk = await queued(south({ priority: "bulk" }));
    for (const round of [1, 2, 3]) {
      const run = await running(bulk);
      await asSystem(platform, "update jobs set wanted_command = 'pause', yielding = $2 where id = $1", [
        bulk,
        JSON.stringify({ kind: "class", detail: "test", since: new Date().toISOString() }),
      ]);
      await ends(run.attemptId);
      expect(await jobOf(bulk)).toMatchObject({ state: "queued", preemptions: round });
    }
    const last = await running(bulk);
    await platform.app.get(AttemptOutcome).end(await attemptOf(last.attemptId), { state: "lost", exitCode: null, message: "gone" });
    expect((await jobOf(bulk)).state).toBe("queued");
  });
});

describe("guards", () => {
  it("stop a run at its longest time, with that reason, and another try is refused", async () => {
    const id = await queued(north({ maxSeconds: 600 }));
    const run = await running(id);
    await platform.app.get(RunGuards).look(await attemptOf(run.attemptId));
    expect(await jobOf(id)).toMatchObject({ yielding: { kind: "guard", detail: expect.stringContaining("of at most 600 s") } });
    await ends(run.attemptId);
    expect(await jobOf(id)).toMatchObject({ state: "failed", attempts: [{ failure: { class: "guard" } }] });
    const retried = await people.member.post(paths.jobAction(id, "retry"), {});
    expect([retried.status, retried.body.detail]).toEqual([409, expect.stringContaining("broke a guard")]);
  });

  it("stop a run at its highest cost, by the price of its cluster", async () => {
    const price = await platform.admin.post(paths.prices(), { subject: "cluster:local", amount: 1000, reason: "test" });
    expect(price.status).toBe(201);
    // The price holds from now on, so the run must have begun after that.
    const id = await queued(north({ maxCost: 500 }));
    const run = await running(id);
    await asSystem(platform, "update attempts set started_at = now() where id = $1", [run.attemptId]);
    await platform.app.get(RunGuards).look(await attemptOf(run.attemptId));
    expect((await jobOf(id)).yielding).toBeNull();
    await asSystem(
      platform,
      "insert into charges (id, institution_id, kind, attempt_id, job_id, model_id, unit, milliseconds, price, cost, currency, month, of_month, made_by) select $1, institution_id, 'attempt', id, job_id, (select model_id from jobs where id = job_id), 'cpu', 1, 1, 500, 'CNY', '2026-11', '2026-11', 'test' from attempts where id = $2",
      [newId("charge"), run.attemptId],
    );
    await platform.app.get(RunGuards).look(await attemptOf(run.attemptId));
    expect((await jobOf(id)).yielding).toMatchObject({ kind: "guard", detail: expect.stringContaining("500 minor units") });
  });
});

describe("what waits", () => {
  it("for its window says until when", async () => {
    const today = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
    const other = today[(new Date().getUTCDay() + 3) % 7] ?? "mon";
    const id = await queued(north({ window: { days: [other], from: "00:00", until: "00:00" } }));
    expect(await pass()).toEqual([]);
    const { waiting, startRange } = await jobOf(id);
    expect(waiting).toMatchObject([{ code: "window", until: expect.stringMatching(/T00:00:00.000Z$/) }]);
    expect(startRange?.earliest).toBe(waiting[0]?.until);
  });

  it("is written in one statement, and again only when something has changed", async () => {
    await running(await queued(south()));
    const [first, second] = [await queued(north()), await queued(north())];
    await pass();
    const versions = () =>
      asSystem<{ xmin: string }>(platform, "select xmin::text from jobs where id = any($1) order by id", [[first, second]]);
    const before = await versions();
    await pass();
    expect(await versions()).toEqual(before);
    expect([(await jobOf(first)).position, (await jobOf(second)).position]).toEqual([1, 2]);
    expect((await people.admin.post(paths.jobAction(first, "cancel"), {})).status).toBe(200);
    await pass();
    expect((await jobOf(second)).position).toBe(1);
  });

  it("shares a pass with whoever asks while one is under way", async () => {
    const id = await queued(north());
    const [one, two, three] = await Promise.all([pass(), pass(), pass()]);
    expect([one, two, three].flat().filter((admitted) => admitted === id).length).toBeGreaterThan(0);
    const [attempts] = await asSystem<{ n: number }>(platform, "select count(*)::int as n from attempts where job_id = $1", [id]);
    expect(attempts?.n).toBe(1);
  });
});
