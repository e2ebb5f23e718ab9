import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest, ownPath, readIfThere, root } from "./checkout.mjs";
import { outputOf, runProgram } from "./run-program.mjs";

/**
 * How the trainer's Python environment stands, as written to `.ziggurat/python.json` for whoever asks.
 * @typedef {{ readonly state: "ready" } | { readonly state: "installing", readonly pid: number } | { readonly state: "failed", readonly reason: string, readonly remedy: string }} PythonState
 */

const venv = join(root, ".ziggurat", "venv");
export const venvPython = join(venv, "bin", "python");
const stateFile = () => ownPath("python.json");
const stampFile = join(venv, "ziggurat-stamp");

const locks = { run: "trainer/requirements.lock", dev: "trainer/requirements-dev.lock" };

/**
 * What the environment must have been made from to serve: the lock files' contents.
 * @param {boolean} withTools also the tools that tests need
 */
export function wantedStamp(withTools) {
  const files = withTools ? [locks.run, locks.dev] : [locks.run];
  return files.map((file) => `${file} ${digest(readIfThere(join(root, file)) ?? "")}`).join("\n");
}

/** @param {boolean} withTools */
export function isPythonReady(withTools) {
  const made = readIfThere(stampFile) ?? "";
  return (
    existsSync(venvPython) &&
    wantedStamp(withTools)
      .split("\n")
      .every((line) => made.split("\n").includes(line))
  );
}

/**
 * Makes `.ziggurat/venv` from the lock files where it is not made yet; says in one line what stands in the way.
 * @param {{ withTools: boolean, say: (line: string) => void }} options
 * @returns {Promise<boolean>}
 */
export async function preparePython({ withTools, say }) {
  if (isPythonReady(withTools)) {
    setState({ state: "ready" });
    return true;
  }
  const other = installer();
  if (other !== null) {
    say("The Python environment is being made by another process; waiting for it …");
    while (installer() !== null) await new Promise((resolve) => setTimeout(resolve, 500));
    if (isPythonReady(withTools)) return true;
  }
  setState({ state: "installing", pid: process.pid });
  say("Making the Python environment for training (.ziggurat/venv) …");
  const failure = await makeEnvironment(withTools);
  if (failure === null) {
    writeFileSync(stampFile, wantedStamp(withTools));
    setState({ state: "ready" });
    return true;
  }
  setState({ state: "failed", ...failure });
  say(`Training is not possible yet: ${failure.reason} ${failure.remedy} Everything else works.`);
  return false;
}

/** Makes the environment in a process of its own, so that the platform can start meanwhile. Its words go to `.ziggurat/python-setup.log`. */
export function preparePythonInBackground() {
  const log = openSync(ownPath("python-setup.log"), "w");
  const child = spawn(process.execPath, [join(root, "tooling", "cli", "prepare-python.mjs")], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  if (child.pid !== undefined) setState({ state: "installing", pid: child.pid });
  child.unref();
  closeSync(log);
}

/** Finds a Python that can train. @returns {string | null} */
export function findPython() {
  const candidates = ["python3", "python3.13", "python3.12", "python3.11", "python3.14", "python"];
  return candidates.find((name) => isPythonNewEnough(outputOf(name, ["-c", "import sys; print(*sys.version_info[:2])"]))) ?? null;
}

/** @param {string | null} version such as "3 11" */
export function isPythonNewEnough(version) {
  const [major = 0, minor = 0] = (version ?? "").split(" ").map(Number);
  return major === 3 && minor >= 11;
}

/** The process that makes the environment right now, if there is one. @returns {number | null} */
function installer() {
  const state = readState();
  if (state?.state !== "installing" || state.pid === process.pid) return null;
  try {
    process.kill(state.pid, 0);
    return state.pid;
  } catch {
    return null;
  }
}

/**
 * @param {boolean} withTools
 * @returns {Promise<{ readonly reason: string, readonly remedy: string } | null>}
 */
async function makeEnvironment(withTools) {
  const python = findPython();
  if (python === null) return { reason: "there is no Python 3.11 or newer on this machine.", remedy: "Install it and start again." };
  if (!existsSync(join(root, locks.run))) return { reason: `${locks.run} is missing.`, remedy: "Restore it." };
  if (outputOf(venvPython, ["-m", "pip", "--version"]) === null) {
    rmSync(venv, { recursive: true, force: true });
    const made = spawnSync(python, ["-m", "venv", venv], { encoding: "utf8" });
    if (made.status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      return {
        reason: `${python} cannot make a virtual environment.`,
        remedy: "Install its venv module (Debian: apt-get install python3-venv) and start again.",
      };
    }
  }
  const files = withTools && existsSync(join(root, locks.dev)) ? [locks.run, locks.dev] : [locks.run];
  const args = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-qq", ...files.flatMap((file) => ["-r", file])];
  const code = await runProgram(venvPython, args);
  return code === 0
    ? null
    : { reason: "pip could not install what the lock file names.", remedy: "Check that a package index is in reach and start again." };
}

/** @param {PythonState} state */
function setState(state) {
  writeFileSync(stateFile(), `${JSON.stringify(state)}\n`);
}

/** @returns {PythonState | null} */
function readState() {
  try {
    return JSON.parse(readFileSync(stateFile(), "utf8"));
  } catch {
    return null;
  }
}
