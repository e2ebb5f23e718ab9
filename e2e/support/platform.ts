import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { people } from "./people.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Platform {
  readonly url: string;
  readonly dataDir: string;
  /** kill -9, as a power cut would. */
  kill(): Promise<void>;
  /** SIGTERM: drains, and leaves nothing running. */
  stop(): Promise<void>;
}

/** A folder for a platform that the database's OS user may pass through. */
export function makeDataDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-e2e-"));
  chmodSync(folder, 0o711);
  return join(folder, "data");
}

/** A folder beside the data that the platform may import from. */
export function importRootOf(dataDir: string): string {
  const root = join(dataDir, "..", "checkpoints");
  mkdirSync(root, { recursive: true });
  return root;
}

export const removeDataDir = (dataDir: string) => rmSync(join(dataDir, ".."), { recursive: true, force: true });

/** The whole platform as a user starts it, on a free port, from the built files. */
export async function startPlatform(dataDir: string, port = 0, env: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const child = spawn(process.execPath, [join(root, "apps/control-plane/dist/main.js"), "--data-dir", dataDir, "--port", String(port)], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ZIGGURAT_ADMIN_EMAIL: people.admin.email,
      ZIGGURAT_ADMIN_PASSWORD: people.admin.password,
      // An institution that leaves in a journey is gone at once.
      ZIGGURAT_EXIT_COOLING_OFF_DAYS: "0",
      ZIGGURAT_IMPORT_ROOTS: importRootOf(dataDir),
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await readyUrl(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  };
  return { url, dataDir, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the platform's output is not piped");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const url = /ready at (http:\S+)/.exec(line)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`the platform ended before it was ready:\n${lines.join("\n")}`);
}
