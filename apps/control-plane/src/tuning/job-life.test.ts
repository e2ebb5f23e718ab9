import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, Job, paths, Version } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { asSystem } from "../../test/harness.js";
import { type JobsBench, jobOf, jobsBench, lets, pretraining, processesOf, reaches, request, until } from "../../test/jobs-bench.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bench: JobsBench;
let model: string;

beforeAll(async () => {
  bench = await jobsBench({ slots: 2 });
  model = await bench.line(bench.engineer, "foundation", "base");
});
afterAll(() => bench.close());

describe("one job from request to sealed version", () => {
  it("runs, seals one version with its data and figures, and tells its story in order", async () => {
    const { engineer, platform } = bench;
    const data = await bench.orders(engineer, { steps: 5 });
    const asked = await request(engineer, pretraining(model, data, { reason: "first" }));
    expect(Job.parse(asked)).toMatchObject({ state: "queued", kind: "pretrain", owner: "platform", attempts: [] });
    const job = await reaches(engineer, asked.id, "succeeded");
    expect(job.history.map(({ state }) => state)).toEqual(["queued", "scheduled", "starting", "running", "collecting", "succeeded"]);
    expect(job).toMatchObject({
      version: `${model}@1`,
      tokens: 300,
      trainSeconds: 3,
      tokensPerSecond: 100,
      progress: { step: 5, steps: 5 },
    });
    expect(job.attempts).toMatchObject([{ number: 1, state: "succeeded", exitCode: 0, key: `zig-${asked.id.slice(4)}-1` }]);
    const version = Version.parse((await engineer.get(paths.version(`${model}@1`))).body);
    expect(version).toMatchObject({ state: "sealed", job: asked.id, method: "pretrain", datasets: [data], parameters: 1000 });
    const moves = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from audit_entries where object = $1 and action = 'job.move'",
      [asked.id],
    );
    expect(moves[0]?.n).toBe(5);
    const events = await asSystem<{ seq: string; type: string }>(
      platform,
      "select seq, type from job_events where job_id = $1 order by seq",
      [asked.id],
    );
    expect(events.map(({ seq }) => Number(seq))).toEqual(events.map((_, index) => index + 1));
    expect(job.lastEventSeq).toBe(events.length);
  });

  it("keeps the bytes small on the node once the result is home, and the final word", async () => {
    const [row] = await asSystem<{ key: string }>(bench.platform, "select key from attempts where state = 'succeeded' limit 1");
    const folder = join(bench.platform.dataDir, "runs", row?.key ?? "");
    await until(async () => existsSync(join(folder, "exit.json")), "the final word");
    expect(existsSync(join(folder, "out"))).toBe(false);
    expect(existsSync(join(folder, "stdout.log"))).toBe(true);
  });

  it("waits in evaluating for the scores of its version and finishes with them, recomputed from the items", async () => {
    const { engineer } = bench;
    const heldOut = await bench.orders(engineer, {});
    const asked = await request(engineer, pretraining(model, await bench.orders(engineer, {}), { evaluateOn: [heldOut] }));
    const job = await reaches(engineer, asked.id, "succeeded");
    expect(job.history.map(({ state }) => state)).toContain("evaluating");
    expect(job).toMatchObject({ evaluationFailed: false, evaluationJobs: [expect.any(String)] });
    const scores: Evaluation[] = (await engineer.get(`${paths.evaluations()}?filter[version]=${encodeURIComponent(job.version ?? "")}`))
      .body.data;
    expect(scores).toMatchObject([{ dataset: heldOut, job: job.evaluationJobs[0], rows: 4, exactMatch: null }]);
    expect(scores[0]?.perplexity).toBeCloseTo(Math.exp(1.5), 10);
    const items = await engineer.get(`${paths.evaluationItems(scores[0]?.id ?? "")}?limit=3`);
    expect(items.body.data).toMatchObject([{ index: 0 }, { index: 1 }, { index: 2 }]);
    const rest = await engineer.get(`${paths.evaluationItems(scores[0]?.id ?? "")}?limit=3&cursor=${items.body.nextCursor}`);
    expect(rest.body).toMatchObject({ data: [{ index: 3 }], nextCursor: null });
  });

  it("succeeds with a sealed version when its evaluation fails, and says so", async () => {
    const { engineer } = bench;
    const heldOut = await bench.orders(engineer, { skipRows: 1 });
    const asked = await request(engineer, pretraining(model, await bench.orders(engineer, {}), { evaluateOn: [heldOut] }));
    const job = await reaches(engineer, asked.id, "succeeded");
    expect(job).toMatchObject({ evaluationFailed: true, version: expect.stringContaining(model) });
    const failed = await jobOf(engineer, job.evaluationJobs[0] ?? "");
    expect(failed.state).toBe("failed");
    expect(failed.stateReason).toContain("3 items for 4 rows");
    expect((await engineer.get(paths.version(job.version ?? ""))).body.state).toBe("sealed");
  });

  it("fails with the trainer's own words, and a retry resumes from the checkpoint with the same inputs", async () => {
    const { engineer, platform } = bench;
    const gate = join(platform.dataDir, "retry-gate");
    const data = await bench.orders(engineer, {
      steps: 4,
      failAtStep: 2,
      unlessThere: gate,
      failure: "diverged",
      exitCode: 14,
      detail: "loss is NaN",
    });
    const asked = await request(engineer, pretraining(model, data));
    const failed = await reaches(engineer, asked.id, "failed");
    expect(failed.stateReason).toContain("loss is NaN");
    expect(failed.attempts).toMatchObject([
      { state: "failed", exitCode: 14, failure: { class: "diverged", remedy: expect.stringContaining("learningRate") } },
    ]);
    lets(gate);
    expect((await engineer.post(paths.jobAction(asked.id, "retry"), { reason: "again" })).status).toBe(200);
    const job = await reaches(engineer, asked.id, "succeeded");
    expect(job.attempts.map(({ number, state }) => [number, state])).toEqual([
      [1, "failed"],
      [2, "succeeded"],
    ]);
    const steps = (await engineer.get(`${paths.jobMetrics(asked.id)}?key=loss`)).body.series[0].points.map(
      ({ step }: { step: number }) => step,
    );
    expect(steps).toEqual([1, 2, 3, 4]);
    const repeated = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from job_events where job_id = $1 and metric_step = 1",
      [asked.id],
    );
    expect(repeated[0]?.n).toBe(1);
  });

  it("tries again by itself when the node failed, and gives up after three attempts", async () => {
    const { engineer, platform } = bench;
    const data = await bench.orders(engineer, {
      failAtStep: 1,
      unlessThere: join(platform.dataDir, "never"),
      failure: "storage",
      exitCode: 15,
    });
    const asked = await request(engineer, pretraining(model, data));
    await until(async () => (await jobOf(engineer, asked.id)).attempts.length >= 2, "a second attempt");
    await asSystem(platform, "update jobs set not_before = null, due_at = now() where id = $1 and state = 'queued'", [asked.id]);
    const job = await until(async () => {
      await asSystem(platform, "update jobs set not_before = null, due_at = now() where id = $1 and state = 'queued'", [asked.id]);
      const now = await jobOf(engineer, asked.id);
      return now.state === "failed" ? now : null;
    }, "the end of all attempts");
    expect(job.attempts.map(({ failure }) => failure?.class)).toEqual(["storage", "storage", "storage"]);
  });

  it("cancels a running job at once, stops its processes and gives the place back", async () => {
    const { engineer, platform } = bench;
    const data = await bench.orders(engineer, { waitAtStep: 1, waitFor: join(platform.dataDir, "never") });
    const asked = await request(engineer, pretraining(model, data));
    const running = await until(
      async () => ((await jobOf(engineer, asked.id)).progress === null ? null : jobOf(engineer, asked.id)),
      "progress",
    );
    const { trainer } = processesOf(platform.dataDir, running.attempts[0]?.key ?? "");
    const answer = await engineer.post(paths.jobAction(asked.id, "cancel"), { reason: "not needed" });
    expect(answer.body).toMatchObject({ state: "cancelled", stateReason: "not needed" });
    await until(async () => (await jobOf(engineer, asked.id)).attempts[0]?.state === "cancelled", "the end of the attempt");
    expect(() => process.kill(trainer, 0)).toThrow();
    const { body } = await engineer.get(paths.clusters());
    expect(body.data).toMatchObject([{ name: "local", healthy: true, slots: 2, used: 0 }]);
    expect((await engineer.post(paths.jobAction(asked.id, "cancel"), {})).status).toBe(409);
  });

  it("pauses a running job at a checkpoint and resumes it there", async () => {
    const { engineer, platform } = bench;
    const gate = join(platform.dataDir, "pause-gate");
    const data = await bench.orders(engineer, { steps: 3, waitAtStep: 2, waitFor: gate });
    const asked = await request(engineer, pretraining(model, data));
    await until(async () => (await jobOf(engineer, asked.id)).progress?.step === 2, "step 2");
    expect((await engineer.post(paths.jobAction(asked.id, "pause"))).status).toBe(200);
    const paused = await reaches(engineer, asked.id, "paused");
    expect(paused.waiting).toMatchObject([{ code: "paused" }]);
    lets(gate);
    expect((await engineer.post(paths.jobAction(asked.id, "resume"), {})).status).toBe(200);
    const job = await reaches(engineer, asked.id, "succeeded");
    expect(job.attempts.map(({ state }) => state)).toEqual(["cancelled", "succeeded"]);
  });

  it("is charged once for each attempt, however it ended, with its version and scenario", async () => {
    const rows = await asSystem<{ state: string; charged: number; milliseconds: string | null; is_right: boolean }>(
      bench.platform,
      `select a.state, count(c.id)::int as charged, sum(c.milliseconds) as milliseconds,
         bool_and(c.job_id = a.job_id and c.institution_id = a.institution_id and c.cost = 0 and c.version_id is not distinct from
           coalesce(case a.state when 'succeeded' then j.version_id end, case j.kind when 'evaluate' then j.parent_version_id end)) as is_right
       from attempts a join jobs j on j.id = a.job_id left join charges c on c.attempt_id = a.id where a.ended_at is not null group by a.id, a.state`,
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["succeeded", "failed", "cancelled"]));
    expect(rows.filter(({ charged, is_right }) => charged !== 1 || !is_right)).toEqual([]);
    expect(rows.some(({ state, milliseconds }) => state === "succeeded" && Number(milliseconds) > 0)).toBe(true);
  });
});
