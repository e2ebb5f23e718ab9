import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DetachedStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Pid of the program that made itself known in the folder, if any did. */
  holder(): Promise<number | null>;
}

/**
 * Starts a program in a session of its own with its output in files. Returns once it has made itself known, or has left with code 0
 * because another one holds the folder; throws with the end of its output when it did neither. Nothing of our own environment goes
 * along but what a program cannot do without.
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
    const ends: { readonly code: number | null; readonly how: string }[] = [];
    child.once("error", (error) => ends.push({ code: null, how: error.message }));
    child.once("exit", (code, signal) => ends.push({ code, how: `it ended with ${signal ?? code}` }));
    child.unref();
    const limit = performance.now() + START_MILLISECONDS;
    for (;;) {
      // Read before the look at the folder: a program that ended may have made itself known just before.
      const [end] = ends;
      if (child.pid !== undefined && (await start.holder()) === child.pid) return;
      if (end?.code === 0) return;
      if (end !== undefined) throw new Error(`The runner did not start: ${end.how}. ${await tail(start.folder)}`);
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
