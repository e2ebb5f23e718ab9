import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { bundleProgram } from "../bundle.js";
import { stubEnvironment } from "../jobs-bench.js";
import { type Spawned, spawnProgram } from "../spawned.js";
import { layOut } from "./lay-out.js";
import { SECRET_KEY } from "./people.js";

/** The platform of this checkout, on the previous release's data directory. */
export interface ThisRelease {
  readonly dataDir: string;
  /** Begins to start it. */
  spawn(env?: Readonly<Record<string, string>>): Spawned;
  /** Starts it and waits until it answers; gives its address. */
  start(): Promise<string>;
  /** Stops what runs, as an operator would; gives the exit codes. */
  stop(): Promise<readonly (number | null)[]>;
  /** Stops what runs and takes everything away. */
  remove(): Promise<void>;
}

export async function thisRelease(name: string): Promise<ThisRelease> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-upgrade-"));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  const [program] = await Promise.all([bundleProgram("src/main.ts", name), layOut(dataDir)]);
  const running: Spawned[] = [];
  const spawn: ThisRelease["spawn"] = (env) => {
    // By the calendar everything would be read again as soon as the written directory is a week old.
    const settings = { ...stubEnvironment(), ZIGGURAT_SECRET_KEY: SECRET_KEY, ZIGGURAT_VERIFY_EVERY_HOURS: "0", ...env };
    const platform = spawnProgram(program, ["--data-dir", dataDir, "--port", "0"], settings);
    running.push(platform);
    return platform;
  };
  const stop = () => Promise.all(running.splice(0).map((platform) => platform.end("SIGTERM")));
  return {
    dataDir,
    spawn,
    async start() {
      const platform = spawn();
      const ready = () => platform.lines.map(({ text }) => /^Ziggurat is ready at (\S+)$/.exec(String(text))?.[1]).find(Boolean);
      const ended = async () => Promise.reject(new Error(`it ended with ${await platform.end()}: ${await platform.errors()}`));
      const url = await Promise.race([vi.waitUntil(ready, { timeout: 60_000, interval: 20 }), ended()]);
      return url ?? "";
    },
    stop,
    async remove() {
      await stop();
      for (const path of [folder, join(program, "..")]) rmSync(path, { recursive: true, force: true });
    },
  };
}
