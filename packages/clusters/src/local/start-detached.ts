import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DetachedStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the program has made itself known; asked until it says yes or the program has ended. */
  hasStarted(): Promise<boolean>;
}

/**
 * Starts a program in a session of its own with its output in files, and returns once it has made itself known. Throws with the
 * end of its output when it never does. Nothing of our own environment goes along but what a program cannot do without.
 */
export async function startDetached(start: DetachedStart): Promise<void> {
  const output = await open(join(start.folder, "runner.log"), "a", 0o600);
  try {
    const child = spawn(start.program, start.args, {
      cwd: start.folder,
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { ...minimalEnvironment(), ...start.environment },
    });
    let ended: string | null = null;
    child.once("error", (error) => {
      ended = error.message;
    });
    child.once("exit", (code, signal) => {
      ended = `it ended with ${signal ?? code}`;
    });
    child.unref();
    const limit = performance.now() + START_MILLISECONDS;
    while (!(await start.hasStarted())) {
      // The program may have ended just after it made itself known, so the last look comes after the end.
      if (ended !== null && !(await start.hasStarted())) throw new Error(`The runner did not start: ${ended}. ${await tail(start.folder)}`);
      if (performance.now() > limit) throw new Error(`The runner did not report within ${START_MILLISECONDS / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await output.close();
  }
}

const START_MILLISECONDS = 20_000;

/** What Python, torch and their caches need to work; everything else of our environment is none of the training's business. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "SSL_CERT_FILE"];

function minimalEnvironment(): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), PYTHONUNBUFFERED: "1" };
}

async function tail(folder: string): Promise<string> {
  const text = await readFile(join(folder, "runner.log"), "utf8").catch(() => "");
  return text.trim().slice(-500);
}
