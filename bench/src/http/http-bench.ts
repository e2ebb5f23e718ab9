import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machine, median, writeResult } from "../results.js";
import { load, type Target } from "./load.js";
import { startPlatform, startScript } from "./platform.js";
import { applicationUrl, type Scene, sendOnce, setScene } from "./scene.js";
import { type Statement, traceOf } from "./trace.js";

const ROUNDS = 5;
const AMOUNT = 400;
const WARM_UP = 200;
const GOAL = 0.4;
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Registration of a version and request of a job, beside bare Fastify + pg doing the same statements in one transaction on the same
 * database. The statements are recorded from the platform itself, so the peer can never fall behind what it is compared with.
 */
export async function httpBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  // The database's OS user must pass through, so that the database lies where the peer looks for its login.
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  try {
    const tracesFile = join(folder, "traces.json");
    const scene = await record(dataDir, join(folder, "statements.jsonl"), tracesFile);
    const platform = await startPlatform(dataDir);
    const bare = await startScript(here("./bare-server.js"), [applicationUrl(dataDir), tracesFile]);
    try {
      const rows = [];
      for (const { name, path, body } of scene.requests) {
        const ours = { url: platform.url + path, headers: { authorization: `Bearer ${scene.token}` }, body };
        rows.push({ name, ...(await compare(ours, { url: `${bare.url}/${name}`, headers: {}, body })) });
      }
      report(rows);
    } finally {
      await bare.stop();
      await platform.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function record(dataDir: string, recordTo: string, tracesFile: string): Promise<Scene> {
  const platform = await startPlatform(dataDir, { module: here("./record-statements.js"), recordTo });
  try {
    const scene = await setScene(platform);
    const traces: Record<string, object> = {};
    for (const request of scene.requests) {
      await sendOnce(platform.url, scene, request);
      const [once, again] = [await recorded(), await recorded()];
      traces[request.name] = traceOf(once, again);

      async function recorded(): Promise<Statement[]> {
        writeFileSync(recordTo, "");
        await sendOnce(platform.url, scene, request);
        return readFileSync(recordTo, "utf8")
          .split("\n")
          .filter((line) => line !== "" && !line.includes("bullmq"))
          .map((line) => JSON.parse(line));
      }
    }
    writeFileSync(tracesFile, JSON.stringify(traces));
    return scene;
  } finally {
    await platform.stop();
  }
}

interface Comparison {
  readonly platform: number;
  readonly bare: number;
  readonly ratio: number;
}

/** In turn, so that a machine whose speed drifts treats both alike; the ratio is the median of the rounds' ratios. */
async function compare(ours: Target, theirs: Target): Promise<Comparison> {
  await load(ours, WARM_UP);
  await load(theirs, WARM_UP);
  const rounds: Comparison[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = (await load(theirs, AMOUNT)).perSecond;
    const platform = (await load(ours, AMOUNT)).perSecond;
    rounds.push({ platform, bare, ratio: platform / bare });
  }
  return {
    platform: median(rounds.map(({ platform }) => platform)),
    bare: median(rounds.map(({ bare }) => bare)),
    ratio: median(rounds.map(({ ratio }) => ratio)),
  };
}

function report(rows: readonly (Comparison & { readonly name: string })[]): void {
  console.log("\nhttp: requests per second, 16 connections, median of 5 rounds in turn");
  console.log(`${"request".padEnd(20)}${"platform".padStart(10)}${"bare".padStart(10)}${"ratio".padStart(8)}   goal ≥ ${GOAL}`);
  for (const { name, platform, bare, ratio } of rows) {
    console.log(`${name.padEnd(20)}${platform.toFixed(0).padStart(10)}${bare.toFixed(0).padStart(10)}${ratio.toFixed(2).padStart(8)}`);
  }
  writeResult("http", { machine: machine(), goal: GOAL, rounds: ROUNDS, requestsPerRound: AMOUNT, rows });
}
