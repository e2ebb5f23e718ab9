import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Job, paths } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { asSystem } from "../../test/harness.js";
import { type JobsBench, jobOf, jobsBench, lets, pretraining, processesOf, reaches, request, until } from "../../test/jobs-bench.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";
import { CLUSTER_DRIVERS, type ClusterDrivers, driverOf, LOCAL_CLUSTER } from "../clusters/cluster-drivers.js";
import { Admission } from "./advance/admission.service.js";
import { familyOf } from "./runs/attempt-row.js";
import { RunTokens } from "./runs/run-tokens.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bench: JobsBench;
let program: string;
let port: number;
let model: string;
let control: Spawned | null = null;

/** People ask a process of the HTTP role that stays; runners and workers live with the one that is killed. */
beforeAll(async () => {
  bench = await jobsBench({ role: "http" });
  model = await bench.line(bench.engineer, "foundation", "base");
  program = await bundleProgram(join(import.meta.dirname, "../../test/platform-process.ts"), "platform-process");
  port = await freePort();
});
afterEach(async () => {
  await control?.end("SIGKILL");
  control = null;
});
afterAll(() => bench.close());

async function startControl(): Promise<void> {
  const { config, database } = bench.platform;
  const own = { ...config, role: "all", http: { ...config.http, port } };
  control = spawnProgram(program, [JSON.stringify(own), database.appUrl]);
  await control.line("url");
}

async function killControl(): Promise<void> {
  await control?.end("SIGKILL");
  control = null;
}

async function atStep(id: string, step: number): Promise<Job> {
  return until(async () => {
    const job = await jobOf(bench.engineer, id);
    return job.progress?.step === step ? job : null;
  }, `step ${step}`);
}

const gone = (pid: number) => until(async () => !isRunning(pid), `the end of ${pid}`);

async function finishesOnce(id: string, steps: number): Promise<Job> {
  const job = await reaches(bench.engineer, id, "succeeded");
  const events = await asSystem<{ attempt_seq: string; step: string | null }>(
    bench.platform,
    "select attempt_seq, metric_step as step from job_events where job_id = $1 and attempt_seq is not null order by seq",
    [id],
  );
  expect(events.map(({ attempt_seq }) => Number(attempt_seq))).toEqual(events.map((_, index) => index + 1));
  expect(events.flatMap(({ step }) => (step === null ? [] : [Number(step)]))).toEqual(
    Array.from({ length: steps }, (_, index) => index + 1),
  );
  expect(await asSystem(bench.platform, "select 1 from versions where job_id = $1", [id])).toHaveLength(1);
  return job;
}

describe("kill -9", () => {
  it("of the control plane in the middle of a run: training goes on, is adopted and finishes once", async () => {
    const gate = join(bench.platform.dataDir, "gate-control");
    const data = await bench.orders(bench.engineer, { steps: 4, waitAtStep: 2, waitFor: gate });
    await startControl();
    const { id } = await request(bench.engineer, pretraining(model, data));
    const job = await atStep(id, 2);
    const { trainer, runner } = processesOf(bench.platform.dataDir, job.attempts[0]?.key ?? "");
    await killControl();
    expect(isRunning(trainer) && isRunning(runner)).toBe(true);
    lets(gate);
    await gone(trainer);
    expect(isRunning(runner)).toBe(true);
    await startControl();
    expect((await finishesOnce(id, 4)).attempts).toHaveLength(1);
  });

  it("of the control plane and the runner: the running program gets a new runner and finishes once", async () => {
    const gate = join(bench.platform.dataDir, "gate-runner");
    const data = await bench.orders(bench.engineer, { steps: 4, waitAtStep: 2, waitFor: gate });
    await startControl();
    const { id } = await request(bench.engineer, pretraining(model, data));
    const job = await atStep(id, 2);
    const key = job.attempts[0]?.key ?? "";
    const { trainer, runner } = processesOf(bench.platform.dataDir, key);
    await killControl();
    process.kill(runner, "SIGKILL");
    await gone(runner);
    await startControl();
    await until(async () => processesOf(bench.platform.dataDir, key).runner !== runner, "another runner");
    expect(processesOf(bench.platform.dataDir, key).trainer).toBe(trainer);
    lets(gate);
    expect((await finishesOnce(id, 4)).attempts).toHaveLength(1);
  });

  it("of everything: the run starts again in place behind its checkpoint", async () => {
    const gate = join(bench.platform.dataDir, "gate-all");
    const data = await bench.orders(bench.engineer, { steps: 4, waitAtStep: 3, waitFor: gate });
    await startControl();
    const { id } = await request(bench.engineer, pretraining(model, data));
    const job = await atStep(id, 3);
    const key = job.attempts[0]?.key ?? "";
    const { trainer, runner } = processesOf(bench.platform.dataDir, key);
    await killControl();
    for (const pid of [runner, trainer]) process.kill(-pid, "SIGKILL");
    await Promise.all([gone(runner), gone(trainer)]);
    lets(gate);
    await startControl();
    const done = await reaches(bench.engineer, id, "succeeded");
    expect(done.attempts).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(bench.platform.dataDir, "runs", key, "job.json"), "utf8")).restarts).toBe(1);
    const { body } = await bench.engineer.get(paths.jobMetrics(id));
    expect(body.series[0].points.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3, 4]);
  });
});

describe("what a crash leaves behind", () => {
  it("between submission and commit: the run is found by its name and not submitted again", async () => {
    const { platform, engineer } = bench;
    await startControl();
    await until(async () => (await engineer.get(paths.clusters())).body.data[0]?.healthy, "a healthy cluster");
    await killControl();
    const { id } = await request(engineer, pretraining(model, await bench.orders(engineer, { steps: 3 })));
    await platform.app.get(Admission).run();
    const [attempt] = await asSystem<{ id: string; key: string }>(platform, "select id, key from attempts where job_id = $1", [id]);
    if (attempt === undefined) throw new Error("not admitted");
    const driver = driverOf(platform.app.get<ClusterDrivers>(CLUSTER_DRIVERS), LOCAL_CLUSTER);
    const token = platform.app.get(RunTokens).tokenOf(attempt.id);
    const url = `http://127.0.0.1:${port}${paths.run(attempt.id)}`;
    const resources = { nodes: 1, gpusPerNode: 0, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null, limitSeconds: 600 };
    await driver.submit({ key: attempt.key, family: familyOf(id), resources, work: { kind: "run", url, token } });
    const { runner } = { runner: JSON.parse(readFileSync(join(platform.dataDir, "runs", attempt.key, "job.json"), "utf8")).process.pid };
    expect(await asSystem(platform, "select 1 from attempts where id = $1 and external is null", [attempt.id])).toHaveLength(1);
    await startControl();
    const job = await finishesOnce(id, 3);
    expect(job.attempts).toMatchObject([{ externalId: attempt.key, state: "succeeded" }]);
    const last = JSON.parse(readFileSync(join(platform.dataDir, "runs", attempt.key, "job.json"), "utf8"));
    expect([last.process.pid, last.restarts]).toEqual([runner, 0]);
  });

  it("with every queue message lost, the rows alone bring the job to its end", async () => {
    const { platform, engineer } = bench;
    const { id } = await request(engineer, pretraining(model, await bench.orders(engineer, { steps: 2 })));
    await asSystem(platform, "delete from outbox");
    await asSystem(platform, "drop schema if exists bullmq cascade");
    await startControl();
    expect((await reaches(engineer, id, "succeeded")).attempts).toHaveLength(1);
  });

  it("and whatever was killed when, each attempt that ended was charged once", async () => {
    const counted =
      "select count(*)::int as ended, count(c.id)::int as charged from attempts a left join charges c on c.attempt_id = a.id where a.ended_at is not null";
    const [row] = await asSystem<{ ended: number; charged: number }>(bench.platform, counted);
    expect(row?.ended).toBeGreaterThan(4);
    expect(row?.charged).toBe(row?.ended);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" && process.platform !== "linux";
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
