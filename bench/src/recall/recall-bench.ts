import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Api, ensureMember } from "@ziggurat/client";
import { paths, Recall, RecallPreview } from "@ziggurat/contracts";
import pg from "pg";
import { startPlatform } from "../http/platform.js";
import { applicationUrl } from "../http/scene.js";
import { machine, writeResult } from "../results.js";
import { DESCENDANTS, INSTITUTIONS, widePyramid } from "./wide-pyramid.js";

const GOAL_SECONDS = 10;
/** Versions that must be blocked before the platform is killed. */
const KILL_AFTER = 400;

const ENGINEER = { email: "engineer@bench.example", password: "bench-password-2" };

/**
 * Recall of a foundation version with 2,000 descendants in 50 institutions: unbroken, lifted, and again with the platform killed in the
 * middle. Beside it the same rows changed by hand in one transaction, without audit, jobs or batches.
 */
export async function recallBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  let platform = await startPlatform(dataDir, undefined, "all");
  const database = new pg.Client({ connectionString: applicationUrl(dataDir) });
  try {
    await database.connect();
    const version = await widePyramid(database);
    const admin = await Api.signIn(platform.url, platform.admin.email, platform.admin.password);
    await ensureMember(admin, "platform", ENGINEER, "Bench Engineer", ["platform_engineer"]);
    // Lifts as well, which an administrator does not by being one.
    const signIn = () => Api.signIn(platform.url, ENGINEER.email, ENGINEER.password);
    let api = await signIn();

    const byHand = await handWritten(database);
    const [previewSeconds, graph] = await timed(() => api.post(RecallPreview, paths.recallPreview(), { version }));
    const [seconds, unbroken] = await timed(async () => inForce(api, await begin(api, version, graph.graph)));
    check(unbroken);
    const [liftSeconds] = await timed(async () => {
      await api.post(Recall, paths.recallLift(unbroken.id), { reason: "bench" });
      return settled(api, unbroken.id, "lifted");
    });

    const again = await api.post(RecallPreview, paths.recallPreview(), { version });
    if (again.graph !== graph.graph) throw new Error("lifting did not restore the graph");
    const start = performance.now();
    const id = await begin(api, version, again.graph);
    while ((await api.get(Recall, paths.recall(id))).blocked < KILL_AFTER) await delay(5);
    await platform.kill();
    const [downSeconds] = await timed(async () => {
      platform = await startPlatform(dataDir, undefined, "all");
      api = await signIn();
    });
    check(await inForce(api, id));
    const killedSeconds = (performance.now() - start) / 1000;

    console.log(`\nrecall of a foundation version: ${DESCENDANTS} descendants in ${INSTITUTIONS} institutions (goal < ${GOAL_SECONDS} s)`);
    const line = (name: string, value: number) => console.log(`${name.padEnd(44)}${value.toFixed(2).padStart(8)} s`);
    line("preview", previewSeconds);
    line("recall, unbroken", seconds);
    line("the same rows by hand, one transaction", byHand);
    console.log(`${"ratio".padEnd(44)}${(seconds / byHand).toFixed(1).padStart(8)}×`);
    line("lifting", liftSeconds);
    line("recall, killed in the middle", killedSeconds);
    line("  of that down and starting", downSeconds);
    writeResult("recall", {
      machine: machine(),
      goalSeconds: GOAL_SECONDS,
      descendants: DESCENDANTS,
      institutions: INSTITUTIONS,
      previewSeconds,
      seconds,
      byHandSeconds: byHand,
      liftSeconds,
      killedSeconds,
      downSeconds,
    });
  } finally {
    await database.end();
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function begin(api: Api, version: string, graph: string): Promise<string> {
  return (await api.post(Recall, paths.recalls(), { version, graph, reason: "bench" })).id;
}

const inForce = (api: Api, id: string) => settled(api, id, "in_force");

async function settled(api: Api, id: string, state: Recall["state"]): Promise<Recall> {
  for (;;) {
    const recall = await api.get(Recall, paths.recall(id));
    if (recall.state === state) return recall;
    await delay(20);
  }
}

/** Whoever was in the middle, the result is the same: every descendant once, every institution told once. */
function check(recall: Recall): void {
  const told = recall.acknowledgements.length;
  if (recall.blocked !== DESCENDANTS + 1 || told !== INSTITUTIONS) throw new Error(`blocked ${recall.blocked}, told ${told}`);
}

/** The same states and holds in one transaction, rolled back. */
async function handWritten(client: pg.Client): Promise<number> {
  await client.query("begin");
  await client.query("select set_config('app.reach', 'system', true)");
  const [seconds] = await timed(async () => {
    await client.query(
      "update versions set state = 'recalled', updated_at = now() where line_id in (select line_id from line_closure where anc_line = (select min(line_id) from versions))",
    );
  });
  await client.query("rollback");
  return seconds;
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [(performance.now() - start) / 1000, result];
}
