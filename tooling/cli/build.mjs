import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest, ownPath, readIfThere, root, say } from "./checkout.mjs";
import { capture } from "./run-program.mjs";

/** Workspaces by what a command needs built, with the file that proves a build. */
const outputs = /** @type {const} */ ({
  "@ziggurat/control-plane": "apps/control-plane/dist/main.js",
  "@ziggurat/console": "apps/console/dist/index.html",
  "@ziggurat/demo": "demo/dist/main.js",
  "@ziggurat/bench": "bench/dist/main.js",
  "@ziggurat/e2e": "e2e/dist/main.js",
});

/** @typedef {keyof typeof outputs} Buildable */

const sourceFolders = ["packages", "apps", "demo", "bench", "e2e/attack", "e2e/clusters"];
const skipped = new Set(["node_modules", "dist", ".turbo", "test"]);

/**
 * A digest over name, size and time of every source file: changes exactly when a build could.
 * @param {string} folder
 */
export function sourceStamp(folder) {
  /** @type {string[]} */
  const lines = [];
  /** @param {string} at */
  const walk = (at) => {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(path);
      else if (entry.isFile() && !/\.test\.tsx?$|\.tsbuildinfo$/.test(entry.name)) lines.push(stampOf(path));
    }
  };
  /** @param {string} path */
  const stampOf = (path) => {
    const { size, mtimeMs } = statSync(join(folder, path));
    return `${path} ${size} ${mtimeMs}`;
  };
  for (const name of sourceFolders.filter((name) => existsSync(join(folder, name)))) walk(name);
  for (const name of ["package-lock.json", "tsconfig.base.json", "turbo.json"])
    if (existsSync(join(folder, name))) lines.push(stampOf(name));
  return digest(lines.toSorted().join("\n"));
}

/**
 * Builds what changed, and what it stands on, through turbo. Gives false when the build failed; its output then says why.
 * @param {readonly Buildable[]} wanted
 */
export async function buildPackages(wanted) {
  const stamp = sourceStamp(root);
  const stampFiles = wanted.map((name) => ownPath("built", name.replace("@ziggurat/", "")));
  const isBuilt = wanted.every((name, at) => existsSync(join(root, outputs[name])) && readIfThere(stampFiles[at] ?? "") === stamp);
  if (isBuilt) return true;
  say("Building …");
  const turbo = join(root, "node_modules", ".bin", "turbo");
  const filters = wanted.map((name) => `--filter=${name}`);
  const { code, output } = await capture(turbo, [
    "run",
    "build",
    ...filters,
    "--output-logs=errors-only",
    "--log-prefix=none",
    "--no-update-notifier",
  ]);
  const lacking = wanted.filter((name) => !existsSync(join(root, outputs[name])));
  if (code !== 0 || lacking.length > 0) {
    say(output);
    say(`The build failed${lacking.length > 0 ? `: ${lacking.map((name) => outputs[name]).join(", ")} was not made` : ""}.`);
    return false;
  }
  for (const file of stampFiles) writeFileSync(file, stamp);
  return true;
}
