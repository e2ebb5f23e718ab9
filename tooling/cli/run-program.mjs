import { spawn, spawnSync } from "node:child_process";
import { root, say } from "./checkout.mjs";

/**
 * How a program's output is shown: as it comes, or in one piece under a line once it has ended, where others run at the same time.
 * @typedef {{ readonly inOnePieceUnder?: string }} Showing
 */

/**
 * Runs a program in the checkout and waits; gives its exit code, 1 when it cannot be started or a signal ended it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Showing & { readonly env?: Readonly<Record<string, string>>, readonly cwd?: string }} [options]
 * @returns {Promise<number>}
 */
export function runProgram(program, args, { inOnePieceUnder: title, env, cwd = root } = {}) {
  return new Promise((done) => {
    const out = title === undefined ? "inherit" : "pipe";
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", ...env },
      stdio: ["ignore", out, out],
    });
    const output = keep(child);
    child.once("error", () => done(1));
    child.once("close", (code) => {
      if (title !== undefined) say(`${title}\n${output()}`);
      done(code ?? 1);
    });
  });
}

/**
 * What a program prints on either stream, in the order in which it comes.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {() => string}
 */
function keep(child) {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return () => output;
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
    const output = keep(child);
    child.once("error", (error) => done({ code: 1, output: error.message }));
    child.once("close", (code) => done({ code: code ?? 1, output: output() }));
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
 * @param {Showing} [showing]
 */
export const npm = (args, showing) => {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js") ? runProgram(process.execPath, [script, ...args], showing) : runProgram("npm", args, showing);
};
