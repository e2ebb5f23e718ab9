import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ADMIN = { email: "admin@bench.example", password: "bench-password-1" };

export interface RunningPlatform {
  readonly url: string;
  readonly admin: typeof ADMIN;
  stop(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
}

/**
 * The platform on `dataDir`: as a rule its HTTP role without a worker, so that nothing but requests is measured.
 * @param preload a module loaded first, such as the recorder of statements; it writes to `recordTo`.
 */
export async function startPlatform(
  dataDir: string,
  preload?: { readonly module: string; readonly recordTo: string },
  role: "http" | "all" = "http",
): Promise<RunningPlatform> {
  const args = [
    ...(preload ? ["--import", preload.module] : []),
    `${root}apps/control-plane/dist/main.js`,
    "--data-dir",
    dataDir,
    "--port",
    "0",
  ];
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      ZIGGURAT_ROLE: role,
      ZIGGURAT_ADMIN_EMAIL: ADMIN.email,
      ZIGGURAT_ADMIN_PASSWORD: ADMIN.password,
      // What is measured is how much can be asked for, not how much may.
      ZIGGURAT_RATE_LIMIT: "0",
      ZIGGURAT_RATE_LIMIT_UNKNOWN: "0",
      ...(preload ? { BENCH_RECORD_TO: preload.recordTo } : {}),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await readyUrl(child);
  return { url, admin: ADMIN, stop: () => stop(child), kill: () => end(child, "SIGKILL") };
}

/** A bare server of ours: `script` prints `ready at URL`. */
export async function startScript(script: string, args: readonly string[]): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return { url: await readyUrl(child), stop: () => stop(child) };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the child's output is not piped");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the server ended before it was ready (exit code ${child.exitCode})`);
}

const stop = (child: ChildProcess) => end(child, "SIGTERM");

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
