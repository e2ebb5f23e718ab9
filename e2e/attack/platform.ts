import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The checkout, whether this file runs as source or as output. */
const root = checkoutAbove(dirname(fileURLToPath(import.meta.url)));

export const administrator = { email: "root@platform.example", password: "administrator-password-1" };

/** The platform that is attacked, on a folder of its own. */
export interface Platform {
  readonly url: string;
  readonly dataDir: string;
  /** A folder that the platform may import from. */
  readonly importRoot: string;
  stop(): Promise<void>;
}

/** A fresh folder that the database's OS user may pass through. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-attack-"));
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, "imports"));
  return folder;
}

export const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true });

/**
 * The whole platform from its built files. Its jobs are run by the training program that its own tests use, which learns nothing.
 * @param role `http`: nothing happens but what requests do
 */
export async function startPlatform(folder: string, role: "all" | "http"): Promise<Platform> {
  const dataDir = join(folder, "data");
  const importRoot = join(folder, "imports");
  const child = spawn(process.execPath, [join(root, "apps/control-plane/dist/main.js"), "--data-dir", dataDir, "--port", "0"], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ZIGGURAT_ROLE: role,
      ZIGGURAT_ADMIN_EMAIL: administrator.email,
      ZIGGURAT_ADMIN_PASSWORD: administrator.password,
      ZIGGURAT_IMPORT_ROOTS: importRoot,
      // The interpreter itself, not a shim that would look for it in a home folder; runner and stub need nothing but it.
      ZIGGURAT_PYTHON: execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim(),
      ZIGGURAT_TRAINER_DIR: join(root, "apps/control-plane/test/stub-trainer"),
      ZIGGURAT_LOCAL_SLOTS: "2",
      // Far more is asked here than anybody may ask in earnest; what is answered about it is the same for everyone.
      ZIGGURAT_RATE_LIMIT: "100000000",
      ZIGGURAT_RATE_LIMIT_UNKNOWN: "100000000",
      ZIGGURAT_SIGN_IN_LIMIT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Whoever ends the suite in the middle ends the platform too.
  const end = () => child.kill("SIGTERM");
  process.once("exit", end);
  const url = await readyUrl(child);
  const stop = async () => {
    process.removeListener("exit", end);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  };
  return { url, dataDir, importRoot, stop };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the platform's output is not piped");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const url = /ready at (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error(`the platform ended before it was ready:\n${lines.join("\n")}`);
}

function checkoutAbove(folder: string): string {
  if (existsSync(join(folder, "package-lock.json"))) return folder;
  if (dirname(folder) === folder) throw new Error("this is no checkout");
  return checkoutAbove(dirname(folder));
}
