import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bootstrap } from "./bootstrap.mjs";
import { fromCaller, readIfThere, root, say, warn } from "./checkout.mjs";
import { readDemoOptions } from "./demo-options.mjs";
import { preparePython } from "./python.mjs";
import { installSystemPackages } from "./system-packages.mjs";

const usage = `npm run demo -- [--once] [--data-dir DIR] [--port N] [--seed N]
              [--task-train FILE.jsonl --task-test FILE.jsonl] [--task-method lora|full]`;

/** `npm run demo`: makes ready what is missing, starts the platform and builds a pyramid on it. With `--once` it leaves when done. */
async function main() {
  const options = optionsOrExit();
  const dataDir = fromCaller(options.dataDir ?? join(root, ".ziggurat", "data"));
  await installSystemPackages(["python3-venv"]);
  await bootstrap(["@ziggurat/control-plane", "@ziggurat/console", "@ziggurat/demo"]);
  if (!(await preparePython({ withTools: false, say }))) warn("The demo trains real models, so it ends here; npm start works.");
  else await demonstrate(options, dataDir);
}

function optionsOrExit() {
  try {
    return readDemoOptions(process.argv.slice(2));
  } catch (error) {
    warn(`demo: ${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

/**
 * @param {ReturnType<typeof readDemoOptions>} options
 * @param {string} dataDir
 */
async function demonstrate(options, dataDir) {
  const admin = administrator(dataDir);
  const platform = startPlatform(dataDir, options.port, admin);
  const url = await platform.ready;
  if (url === null) {
    process.exitCode = (await platform.ended) || 1;
    return;
  }
  const demo = spawn(process.execPath, [join(root, "demo", "dist", "main.js"), "--url", url, "--data-dir", dataDir, ...options.passed], {
    cwd: root,
    env: { ...process.env, ZIGGURAT_ADMIN_EMAIL: admin.email, ZIGGURAT_ADMIN_PASSWORD: admin.password },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const stopAll = () => {
    say("\nStopping. A training run under way goes on by itself and is taken up by the next start.");
    demo.kill("SIGTERM");
    platform.stop();
  };
  process.once("SIGINT", stopAll);
  process.once("SIGTERM", stopAll);
  const code = await new Promise((resolve) => demo.once("close", (status) => resolve(status ?? 1)));
  process.exitCode = code;
  if (options.once || code !== 0) platform.stop();
  else
    say(`\nThe console is open at ${url}; sign in as ${admin.email} (password in ${credentialsFile(dataDir)}). Ctrl-C stops the platform.`);
  const left = await platform.ended;
  process.exitCode = code || (left ?? 1);
}

/**
 * The first administrator of this data directory. The demo signs in like anyone, so the password made for the first run is kept
 * beside the data, readable by its owner only.
 * @param {string} dataDir
 * @returns {{ readonly email: string, readonly password: string }}
 */
function administrator(dataDir) {
  const given = { email: process.env.ZIGGURAT_ADMIN_EMAIL, password: process.env.ZIGGURAT_ADMIN_PASSWORD };
  if (given.email && given.password) return { email: given.email, password: given.password };
  const kept = readIfThere(credentialsFile(dataDir));
  if (kept !== null) return JSON.parse(kept);
  const made = { email: given.email || "admin@ziggurat.example", password: given.password || randomBytes(15).toString("base64url") };
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  writeFileSync(credentialsFile(dataDir), `${JSON.stringify(made)}\n`, { mode: 0o600 });
  return made;
}

/** @param {string} dataDir */
const credentialsFile = (dataDir) => join(dataDir, "demo-administrator.json");

/** Small jobs spend much of their time starting, on one core: two of them side by side, each with all cores, are done sooner than in turn. */
const twoJobsAtOnce = { ZIGGURAT_LOCAL_SLOTS: "2", ZIGGURAT_JOB_THREADS: String(availableParallelism()) };

/**
 * @param {string} dataDir
 * @param {string | null} port
 * @param {{ readonly email: string, readonly password: string }} admin
 */
function startPlatform(dataDir, port, admin) {
  const args = [join(root, "apps", "control-plane", "dist", "main.js"), "--data-dir", dataDir, ...(port === null ? [] : ["--port", port])];
  const env = { ...twoJobsAtOnce, ...process.env, ZIGGURAT_ADMIN_EMAIL: admin.email, ZIGGURAT_ADMIN_PASSWORD: admin.password };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"], detached: true });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once("close", resolve));
  /** @type {Promise<string | null>} */
  const ready = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      say(line);
      const found = /^Ziggurat is ready at (\S+)$/.exec(line);
      if (found) resolve(found[1] ?? null);
    });
    void ended.then(() => resolve(null));
  });
  return { ready, ended, stop: () => child.kill("SIGTERM") };
}

await main();
