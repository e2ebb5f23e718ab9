import { spawn, spawnSync } from "node:child_process";
import { root } from "./checkout.mjs";

/**
 * Runs a program in the checkout and waits; gives its exit code, 1 when it cannot be started or a signal ended it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: Readonly<Record<string, string>>, cwd?: string, stdio?: import("node:child_process").StdioOptions }} [options]
 * @returns {Promise<number>}
 */
export function runProgram(program, args, options = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", ...options.env },
      stdio: options.stdio ?? ["ignore", "inherit", "inherit"],
    });
    child.once("error", () => done(1));
    child.once("close", (code) => done(code ?? 1));
  });
}

/**
 * Runs a program in the checkout and keeps what it prints, for when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{ readonly code: number, readonly output: string }>}
 */
export function capture(program, args) {
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.once("error", (error) => done({ code: 1, output: error.message }));
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}

/**
 * Runs a short program and gives what it printed, null when it failed.
 * @param {string} program
 * @param {readonly string[]} args
 */
export function outputOf(program, args) {
  const result = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : null;
}

/** @param {string} program */
export const isInstalled = (program) => spawnSync("sh", ["-c", `command -v "${program}"`]).status === 0;

/**
 * npm as it was called, so that `node tooling/cli/start.mjs` works as well.
 * @param {readonly string[]} args
 */
export const npm = (args) => {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js") ? runProgram(process.execPath, [script, ...args]) : runProgram("npm", args);
};
