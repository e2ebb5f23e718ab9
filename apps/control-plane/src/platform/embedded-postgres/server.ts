import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { StartRefusal } from "../start-refusal.js";
import { type Cluster, serverEnvironment } from "./cluster.js";
import { runAs } from "./os-user.js";
import { findPostmaster, isAlive, readPostmasterFile } from "./postmaster.js";
import { serverSettings } from "./settings.js";
import { loginUrl } from "./urls.js";

/** A server that answered us. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly wasAdopted: boolean;
}

export interface StartOptions {
  /** Insist on this port, because connection pools already point at it. */
  readonly fixedPort?: number;
  /** Server settings on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

const pollMilliseconds = 20;
const patienceMilliseconds = 120_000;

/** Adopts the server that runs on this cluster, or starts one. Crash recovery is waited for. */
export async function ensureRunning(cluster: Cluster, options: StartOptions = {}): Promise<RunningServer> {
  const deadline = performance.now() + patienceMilliseconds;
  while (performance.now() < deadline) {
    const postmaster = findPostmaster(cluster.dataDirectory);
    if (postmaster.kind === "alive") {
      const { pid, port, isReady } = postmaster.file;
      if (isReady && port !== null && (await answers(cluster, port))) return { port, pid, wasAdopted: true };
    } else {
      const started = await start(cluster, options, postmaster.kind === "stale" ? postmaster.reusedPid : null);
      if (started !== null) return started;
    }
    await pause(pollMilliseconds);
  }
  throw new Error(`PostgreSQL in ${cluster.dataDirectory} did not answer within ${patienceMilliseconds / 1000} s; see ${logFile(cluster)}`);
}

/** Stops the server: sessions are ended, everything committed is on disk. Returns when the process is gone. */
export async function stopServer(cluster: Cluster): Promise<void> {
  const file = readPostmasterFile(cluster.dataDirectory);
  if (file === null || findPostmaster(cluster.dataDirectory).kind !== "alive") return;
  process.kill(file.pid, "SIGINT");
  while (isAlive(file.pid)) await pause(pollMilliseconds);
}

/** Starts a server on the remembered port, on another one where that is taken. Null means: look again, another process was faster. */
async function start(cluster: Cluster, options: StartOptions, reusedPid: number | null): Promise<RunningServer | null> {
  const port = options.fixedPort ?? rememberedPort(cluster) ?? (await freePort());
  const outcome = await launch(cluster, port, reusedPid, options.settings ?? {});
  switch (outcome.kind) {
    case "ready":
      writeFileSync(portFile(cluster), `${port}\n`);
      return { port, pid: outcome.pid, wasAdopted: false };
    case "port_taken":
      if (options.fixedPort === undefined) writeFileSync(portFile(cluster), `${await freePort()}\n`);
      else await pause(500);
      return null;
    case "try_again":
      await pause(100);
      return null;
    case "failed":
      throw new Error(`PostgreSQL in ${cluster.dataDirectory} did not start:\n${outcome.log}`);
  }
}

type Outcome =
  | { readonly kind: "ready"; readonly pid: number }
  | { readonly kind: "port_taken" | "try_again" }
  | { readonly kind: "failed"; readonly log: string };

/** The server gets a session of its own, so that neither our death nor a terminal's Ctrl-C takes it down. */
async function launch(
  cluster: Cluster,
  port: number,
  reusedPid: number | null,
  settings: Readonly<Record<string, string>>,
): Promise<Outcome> {
  setAsideLongLog(cluster);
  const log = openSync(logFile(cluster), "a", 0o640);
  const logStart = statSync(logFile(cluster)).size;
  // PostgreSQL takes a pid file for its own dead one unless that pid lives; the pid named here is known to be another program's.
  const grandparent = reusedPid === null ? {} : { PG_GRANDPARENT_PID: String(reusedPid) };
  const child = spawn(cluster.binaries.postgres, ["-D", cluster.dataDirectory, ...serverSettings({ port: String(port), ...settings })], {
    ...runAs(cluster.user),
    cwd: "/",
    env: { ...serverEnvironment, ...grandparent },
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  const pid = await untilReady(cluster, child);
  if (pid !== null) return { kind: "ready", pid };
  const said = readFileSync(logFile(cluster)).subarray(logStart).toString("utf8");
  if (said.includes("Address already in use")) return { kind: "port_taken" };
  // A process that started at the same moment has made the file (empty) or written it (exists): look again and adopt its server.
  if (/lock file "postmaster\.pid" (already exists|is empty)/.test(said)) return { kind: "try_again" };
  // Backends of a killed server leave within moments; until then its shared memory is in use.
  if (said.includes("is still in use")) return { kind: "try_again" };
  return { kind: "failed", log: said.trim() || "it wrote nothing to its log" };
}

async function untilReady(cluster: Cluster, child: ChildProcess): Promise<number | null> {
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
  });
  const ready = async (): Promise<number | null> => {
    while (child.exitCode === null && child.signalCode === null) {
      const file = readPostmasterFile(cluster.dataDirectory);
      if (file !== null && file.pid === child.pid && file.isReady) return file.pid;
      await pause(pollMilliseconds);
    }
    return null;
  };
  return Promise.race([ready(), failed]);
}

/** True when the server on that port knows this cluster's password and serves this cluster's directory. */
async function answers(cluster: Cluster, port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: loginUrl({ port, user: "postgres", password: cluster.secrets.superuser, database: "postgres" }),
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "28P01") {
      throw new StartRefusal(
        `The server of ${cluster.dataDirectory} does not accept the password in ${join(cluster.home, "secrets.json")}.`,
      );
    }
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const portFile = (cluster: Cluster): string => join(cluster.home, "port");
const logFile = (cluster: Cluster): string => join(cluster.home, "server.log");

function rememberedPort(cluster: Cluster): number | null {
  const port = existsSync(portFile(cluster)) ? Number(readFileSync(portFile(cluster), "utf8")) : Number.NaN;
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

/** Asks the OS for a loopback port that is free right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

const longLogBytes = 10 * 1024 * 1024;

function setAsideLongLog(cluster: Cluster): void {
  const path = logFile(cluster);
  if (existsSync(path) && statSync(path).size > longLogBytes) renameSync(path, `${path}.1`);
}
