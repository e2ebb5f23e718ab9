import { existsSync } from "node:fs";
import { join } from "node:path";
import { readIfThere, root, say } from "./checkout.mjs";
import { npm } from "./run-program.mjs";

export const oldestNode = /** @type {const} */ ([20, 19]);

/**
 * True when this Node can run Ziggurat.
 * @param {string} version such as "20.19.0"
 */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

/** @typedef {{ readonly version?: string, readonly integrity?: string, readonly link?: boolean, readonly optional?: boolean, readonly devOptional?: boolean, readonly peer?: boolean }} LockedPackage */

/**
 * Packages of the lockfile that `node_modules` lacks or has in another version. Optional ones may be absent: they belong to other machines.
 * @param {Readonly<Record<string, LockedPackage>>} wanted `packages` of package-lock.json
 * @param {Readonly<Record<string, LockedPackage>>} installed `packages` of node_modules/.package-lock.json
 * @returns {readonly string[]}
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted)
    .filter(([path]) => path.includes("node_modules/"))
    .filter(([path, entry]) => {
      const found = installed[path];
      if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
      return (
        found.version !== entry.version ||
        (entry.integrity !== undefined && found.integrity !== undefined && found.integrity !== entry.integrity)
      );
    })
    .map(([path]) => path);
}

/** Installs the locked packages into the checkout where they are missing or differ. Gives false, with a line, when that is impossible. */
export async function installPackages() {
  const lock = readIfThere(join(root, "package-lock.json"));
  const installed = readIfThere(join(root, "node_modules", ".package-lock.json"));
  if (lock !== null && installed !== null && existsSync(join(root, "node_modules"))) {
    if (missingPackages(JSON.parse(lock).packages, JSON.parse(installed).packages).length === 0) return true;
  }
  say("Installing the Node packages (npm ci) …");
  if ((await npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"])) === 0) return true;
  say("The Node packages could not be installed: npm ci failed (is a package registry in reach?).");
  return false;
}
