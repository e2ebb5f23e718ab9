import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchOptions } from "../bench-options.js";
import { type Load, load, type Target } from "../http/load.js";
import { startPlatform } from "../http/platform.js";
import { setScene, superuserUrl } from "../http/scene.js";
import { machine, median, writeResult } from "../results.js";
import { installMlflow, startMlflow } from "./mlflow-server.js";

const ROUNDS = 5;
const AMOUNT = 300;
const WARM_UP = 100;
const GOAL = 10;

/**
 * Registering versions of one model, beside an MLflow tracking server on the same PostgreSQL, as its own command starts it. The same
 * load generator sends either the request its protocol has for this: a version with one file by digest here, a version with its source
 * there. Both check, number and store it; ours also writes an audit entry, an idempotency record and checks the tenant.
 */
export async function registryBench({ scale }: BenchOptions): Promise<void> {
  const missing = installMlflow();
  if (missing !== null) {
    console.log(`\nregistry: left out, MLflow cannot be installed here: ${missing}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  // The database's OS user must pass through.
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  try {
    const platform = await startPlatform(dataDir);
    const mlflow = await startMlflow(superuserUrl(dataDir), folder).catch(async (error: unknown) => {
      await platform.stop();
      throw error;
    });
    try {
      const scene = await setScene(platform);
      const [request] = scene.requests;
      if (request === undefined) throw new Error("There is no request to register a version.");
      const ours = { url: platform.url + request.path, headers: { authorization: `Bearer ${scene.token}` }, body: request.body };
      const api = `${mlflow.url}/api/2.0/mlflow`;
      await post(`${api}/registered-models/create`, { name: "bench" });
      const theirs = { url: `${api}/model-versions/create`, headers: {}, body: { name: "bench", source: "s3://bench/model" } };
      await report(ours, theirs, mlflow.version, Math.max(20, Math.round(AMOUNT * scale)));
    } finally {
      await mlflow.stop();
      await platform.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function report(ours: Target, theirs: Target, version: string, amount: number): Promise<void> {
  console.log(`\nregistry: versions per second, beside MLflow ${version} on the same PostgreSQL; median of ${ROUNDS} rounds in turn`);
  console.log(
    `${"connections".padEnd(14)}${"platform".padStart(10)}${"p50 / p99 ms".padStart(16)}${"MLflow".padStart(10)}${"p50 / p99 ms".padStart(16)}${"ratio".padStart(8)}   goal ≥ ${GOAL}`,
  );
  const rows = [];
  for (const connections of [1, 16]) {
    const row = { connections, ...(await compare(ours, theirs, amount, connections)) };
    rows.push(row);
    const times = ({ p50Ms, p99Ms }: Load) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`.padStart(16);
    console.log(
      `${String(connections).padEnd(14)}${row.platform.perSecond.toFixed(0).padStart(10)}${times(row.platform)}${row.mlflow.perSecond.toFixed(0).padStart(10)}${times(row.mlflow)}${row.ratio.toFixed(1).padStart(8)}`,
    );
  }
  writeResult("registry", { machine: machine(), goal: GOAL, mlflow: version, rounds: ROUNDS, requestsPerRound: amount, rows });
}

async function compare(ours: Target, theirs: Target, amount: number, connections: number) {
  await load(ours, WARM_UP, connections);
  await load(theirs, WARM_UP, connections);
  const rounds: { readonly platform: Load; readonly mlflow: Load }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const mlflow = await load(theirs, amount, connections);
    rounds.push({ platform: await load(ours, amount, connections), mlflow });
  }
  return {
    platform: medianOf(rounds.map(({ platform }) => platform)),
    mlflow: medianOf(rounds.map(({ mlflow }) => mlflow)),
    ratio: median(rounds.map(({ platform, mlflow }) => platform.perSecond / mlflow.perSecond)),
  };
}

function medianOf(loads: readonly Load[]): Load {
  const of = (key: keyof Load) => median(loads.map((one) => one[key]));
  return { perSecond: of("perSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms") };
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
}
