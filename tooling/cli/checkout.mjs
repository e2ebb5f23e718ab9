import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * A path in `.ziggurat/`, where everything lies that commands make here.
 * @param {...string} parts
 */
export function ownPath(...parts) {
  const path = join(root, ".ziggurat", ...parts);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/**
 * Resolves a path as the caller meant it: npm runs scripts elsewhere and leaves the caller's folder in INIT_CWD.
 * @param {string} path
 */
export const fromCaller = (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path);

/** @param {string} text */
export const digest = (text) => createHash("sha256").update(text).digest("hex");

/** @param {string} path */
export const readIfThere = (path) => (existsSync(path) ? readFileSync(path, "utf8") : null);

/** @param {string} line */
export const say = (line) => process.stdout.write(`${line}\n`);

/** @param {string} line */
export const warn = (line) => process.stderr.write(`${line}\n`);
