import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";

const logFile = fileURLToPath(new URL("../../results/mlflow.log", import.meta.url));
const venv = fileURLToPath(new URL("../../../.ziggurat/bench-mlflow/", import.meta.url));
const PACKAGES = ["mlflow==3.17.2", "psycopg2-binary==2.9.13"];
/** MLflow prepares its tables on the first start. */
const START_SECONDS = 180;

export interface MlflowServer {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Installs MLflow once into an environment of its own. @returns what stood in the way, or null */
export function installMlflow(): string | null {
  const python = join(venv, "bin", "python");
  if (!existsSync(python)) {
    const made = spawnSync("python3", ["-m", "venv", venv], { encoding: "utf8" });
    if (made.status !== 0) return made.stderr || "python3 -m venv failed";
  }
  const isThere = spawnSync(python, ["-c", "import mlflow, psycopg2"]).status === 0;
  if (isThere) return null;
  console.log(`Installing ${PACKAGES.join(" and ")} …`);
  const installed = spawnSync(python, ["-m", "pip", "install", "--quiet", "--only-binary=:all:", ...PACKAGES], { encoding: "utf8" });
  return installed.status === 0 ? null : installed.stderr.trim().slice(-400);
}

/**
 * A tracking server as MLflow's own command starts it, with its own number of workers, on a database beside the platform's in the same
 * PostgreSQL.
 * @param superuserUrl a login of that PostgreSQL which may make databases
 */
export async function startMlflow(superuserUrl: string, folder: string): Promise<MlflowServer> {
  const database = new URL(superuserUrl);
  await makeDatabase(superuserUrl, "mlflow");
  database.protocol = "postgresql+psycopg2:";
  database.pathname = "/mlflow";
  const port = await freePort();
  const log = openSync(logFile, "w");
  const args = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), "--backend-store-uri", database.href];
  const child = spawn(join(venv, "bin", "python"), [...args, "--default-artifact-root", join(folder, "artifacts")], {
    stdio: ["ignore", log, log],
    // Its workers must end with it.
    detached: true,
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true" },
  });
  const url = `http://127.0.0.1:${port}`;
  const version = await answers(`${url}/version`, child);
  return { url, version, stop: () => stop(child) };
}

async function makeDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
}

async function answers(url: string, child: ChildProcess): Promise<string> {
  const end = Date.now() + START_SECONDS * 1000;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`mlflow server ended with ${child.exitCode}; its words are in ${logFile}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return answer.text();
    await wait(200);
  }
  throw new Error(`mlflow server was not ready in ${START_SECONDS} s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  process.kill(-child.pid, "SIGTERM");
  await once(child, "exit");
}
