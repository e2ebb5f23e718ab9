import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
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
/** Versions in one request, where many are registered at once. */
const ROWS = 200;

/**
 * Registering versions of one model, beside an MLflow tracking server on the same PostgreSQL, as its own command starts it. The same
 * load generator sends either the request its protocol has for this: a version with one file by digest here, a version with its source
 * there. Both check, number and store it; ours also writes an audit entry, an idempotency record and checks the tenant. Many versions in
 * one request stand in a row of their own: MLflow has no such request, so its peer is what MLflow registers over the same connections.
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
      const headers = { authorization: `Bearer ${scene.token}` };
      const ours = { url: platform.url + request.path, headers, body: request.body };
      const row = { model: "foundation/bench", version: request.body };
      const many = { url: platform.url + paths.registrations(), headers, body: { rows: Array.from({ length: ROWS }, () => row) } };
      const api = `${mlflow.url}/api/2.0/mlflow`;
      await post(`${api}/registered-models/create`, { name: "bench" });
      const theirs = { url: `${api}/model-versions/create`, headers: {}, body: { name: "bench", source: "s3://bench/model" } };
      await report({ ours, many, theirs }, mlflow.version, Math.max(20, Math.round(AMOUNT * scale)));
    } finally {
      await mlflow.stop();
      await platform.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Targets {
  readonly ours: Target;
  readonly many: Target;
  readonly theirs: Target;
}

async function report({ ours, many, theirs }: Targets, version: string, amount: number): Promise<void> {
  console.log(`\nregistry: versions per second, beside MLflow ${version} on the same PostgreSQL; median of ${ROUNDS} rounds in turn`);
  console.log(
    `${"connections".padEnd(14)}${"platform".padStart(10)}${"p50 / p99 ms".padStart(16)}${"MLflow".padStart(10)}${"p50 / p99 ms".padStart(16)}${"ratio".padStart(8)}   goal ≥ ${GOAL}`,
  );
  const rows = [];
  const runs = [
    { name: "1", connections: 1, target: ours, each: 1 },
    { name: "16", connections: 16, target: ours, each: 1 },
    { name: `16, ${ROWS} each`, connections: 16, target: many, each: ROWS },
  ];
  for (const { name, connections, target, each } of runs) {
    const row = { name, connections, versionsPerRequest: each, ...(await compare(target, theirs, amount, connections, each)) };
    rows.push(row);
    const times = ({ p50Ms, p99Ms }: Load) => `${p50Ms.toFixed(0)} / ${p99Ms.toFixed(0)}`.padStart(16);
    console.log(
      `${name.padEnd(14)}${row.platform.perSecond.toFixed(0).padStart(10)}${times(row.platform)}${row.mlflow.perSecond.toFixed(0).padStart(10)}${times(row.mlflow)}${row.ratio.toFixed(1).padStart(8)}`,
    );
  }
  writeResult("registry", { machine: machine(), goal: GOAL, mlflow: version, rounds: ROUNDS, requestsPerRound: amount, rows });
}

async function compare(ours: Target, theirs: Target, amount: number, connections: number, each: number) {
  const requests = (versions: number) => Math.max(connections, Math.ceil(versions / each));
  await load(ours, requests(WARM_UP), connections);
  await load(theirs, WARM_UP, connections);
  const rounds: { readonly platform: Load; readonly mlflow: Load }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const mlflow = await load(theirs, amount, connections);
    const sent = await load(ours, requests(amount), connections);
    rounds.push({ platform: { ...sent, perSecond: sent.perSecond * each }, mlflow });
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
