import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { asSystem } from "../../test/harness.js";
import { type JobsBench, jobOf, jobsBench, lets, pretraining, reaches, request, until } from "../../test/jobs-bench.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

let bench: JobsBench;
let model: string;

beforeAll(async () => {
  bench = await jobsBench({ slots: 1 });
  model = await bench.line(bench.engineer, "foundation", "base");
  const policy = { minRunMinutes: 0 };
  expect((await bench.platform.admin.put(paths.scheduling(), { policy, revision: 0, reason: "test" })).status).toBe(200);
});
afterAll(() => bench.close());

it("a real run of bulk saves for work of a higher class, lets it run, and finishes behind its checkpoint", async () => {
  const { engineer, platform } = bench;
  const gate = join(platform.dataDir, "bulk-gate");
  const data = await bench.orders(engineer, { steps: 3, waitAtStep: 2, waitFor: gate });
  const bulk = await request(engineer, pretraining(model, data, { priority: "bulk" }));
  await until(async () => (await jobOf(engineer, bulk.id)).progress?.step === 2, "step 2 of the bulk job");
  // Nobody would make room for the last minutes of a run.
  await asSystem(
    platform,
    "update jobs set estimate = jsonb_set(estimate, '{seconds}', '{\"low\": 90000, \"high\": 90000}') where id = $1",
    [bulk.id],
  );
  await asSystem(platform, "update jobs set progress = jsonb_set(progress, '{etaSeconds}', 'null') where id = $1", [bulk.id]);
  const urgent = await request(engineer, pretraining(model, await bench.orders(engineer, { steps: 1 })));
  await asSystem(platform, "update jobs set waiting_since = now() - interval '1 hour' where id = $1", [urgent.id]);
  const newer = await request(engineer, pretraining(model, await bench.orders(engineer, { steps: 1 }), { priority: "bulk" }));
  await reaches(engineer, urgent.id, "succeeded");
  const stopped = await jobOf(engineer, bulk.id);
  expect([stopped.preemptions, stopped.attempts[0]?.failure?.class]).toEqual([1, "preempted"]);
  lets(gate);
  const done = await reaches(engineer, bulk.id, "succeeded");
  expect(done.attempts.map(({ state }) => state)).toEqual(["cancelled", "succeeded"]);
  // It kept its place: whoever came later went after it.
  const later = await reaches(engineer, newer.id, "succeeded");
  expect(Date.parse(later.attempts[0]?.createdAt ?? "")).toBeGreaterThan(Date.parse(done.attempts[1]?.createdAt ?? ""));
  const steps = (await engineer.get(`${paths.jobMetrics(bulk.id)}?key=loss`)).body.series[0].points;
  expect(steps.map(({ step }: { step: number }) => step)).toEqual([1, 2, 3]);
});
