import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { ownPath, root, say } from "./checkout.mjs";
import { preparePython, venvPython } from "./python.mjs";
import { npm, runProgram } from "./run-program.mjs";
import { findChromium, installSystemPackages } from "./system-packages.mjs";
import { broken, checkOutcome, closingLine, pytestOutcome, vitestOutcome } from "./test-reports.mjs";

/**
 * @typedef {import("./run-program.mjs").Showing} Showing
 * @typedef {{ readonly name: string, readonly run: (showing: Showing) => Promise<import("./test-reports.mjs").Outcome> }} Part
 * @typedef {{ readonly name: string, readonly outcome: import("./test-reports.mjs").Outcome, readonly took: string }} Result
 */

const nothing = { passed: 0, failed: 0, skipped: 0 };

/** `npm test [-- PART …]`: makes ready what is missing and runs every part, or those whose name contains one of the words. */
async function main() {
  await installSystemPackages(["chromium", "fonts-noto-cjk", "python3-venv"]);
  const set = performance.now();
  const [, hasPython] = await Promise.all([
    bootstrap(["@ziggurat/control-plane", "@ziggurat/console", "@ziggurat/demo"]),
    preparePython({ withTools: true, say }),
  ]);
  say(`made ready in ${minutes(set)}`);

  const words = process.argv.slice(2);
  /** @param {readonly Part[]} parts */
  const asked = (parts) => parts.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const { lanes, alone } = allParts(hasPython);
  const beside = await Promise.all(lanes.map((parts) => inTurn(asked(parts), true)));
  report([...beside.flat(), ...(await inTurn(asked(alone), false))]);
}

/**
 * @param {readonly Part[]} parts
 * @param {boolean} isBeside beside other parts, whose output must not mix with theirs
 */
async function inTurn(parts, isBeside) {
  /** @type {Result[]} */
  const results = [];
  for (const { name, run } of parts) {
    const title = `\n── ${name}`;
    if (!isBeside) say(title);
    const start = performance.now();
    results.push({ name, outcome: await run(isBeside ? { inOnePieceUnder: title } : {}), took: minutes(start) });
  }
  return results;
}

/** @param {readonly Result[]} results */
function report(results) {
  say("");
  for (const { name, outcome, took } of results) {
    const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : "";
    const detail = outcome.detail === undefined ? "" : ` (${outcome.detail})`;
    say(`${name.padEnd(28)} ${took.padStart(8)}   ${outcome.passed} passed, ${outcome.failed} failed${skipped}${detail}`);
  }
  const outcomes = results.map(({ outcome }) => outcome);
  const failed = outcomes.some((outcome) => outcome.failed > 0) || outcomes.length === 0;
  say("");
  say(closingLine(outcomes));
  process.exitCode = failed ? 1 : 0;
}

/**
 * Lanes run beside one another: one alone leaves a core idle for most of its time. What fills every core by itself, and watches times, runs alone.
 * @param {boolean} hasPython
 * @returns {{ readonly lanes: readonly (readonly Part[])[], readonly alone: readonly Part[] }}
 */
function allParts(hasPython) {
  const alone = ["apps/control-plane", "e2e"];
  const checks = [
    checkPart("biome", (showing) => runProgram(join(root, "node_modules", ".bin", "biome"), ["check", "."], showing)),
    checkPart("types", (showing) => npm(["run", "--silent", "typecheck"], showing)),
  ];
  const workspaces = testedWorkspaces().filter((folder) => !alone.includes(folder));
  return {
    lanes: [[...checks, ...workspaces.map(vitestPart)], ["runner", "trainer"].flatMap((folder) => pythonParts(folder, hasPython))],
    alone: alone.map(vitestPart),
  };
}

/** Workspaces whose manifest has a test script. @returns {readonly string[]} */
function testedWorkspaces() {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return workspaces
    .flatMap((/** @type {string} */ pattern) =>
      pattern.endsWith("/*") ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => `${pattern.slice(0, -1)}${name}`) : [pattern],
    )
    .filter((/** @type {string} */ folder) => {
      const manifest = join(root, folder, "package.json");
      return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).scripts?.test !== undefined;
    });
}

/**
 * @param {string} name
 * @param {(showing: Showing) => Promise<number>} check
 * @returns {Part}
 */
const checkPart = (name, check) => ({ name, run: async (showing) => checkOutcome(await check(showing)) });

/**
 * @param {string} folder
 * @returns {Part}
 */
function vitestPart(folder) {
  return {
    name: `vitest ${folder}`,
    run: async (showing) => {
      const file = emptyReport(`vitest-${folder.replaceAll("/", "-")}.json`);
      const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
      const chromium = findChromium();
      const env = { CI: "true", ...(chromium === null ? {} : { CHROMIUM_PATH: chromium }) };
      return vitestOutcome(
        file,
        await runProgram(join(root, "node_modules", ".bin", "vitest"), args, { ...showing, cwd: join(root, folder), env }),
      );
    },
  };
}

/**
 * @param {string} folder
 * @param {boolean} hasPython
 * @returns {readonly Part[]}
 */
function pythonParts(folder, hasPython) {
  const missing = async () => broken("there is no Python environment", nothing);
  const cwd = join(root, folder);
  const ruff = checkPart(`ruff ${folder}`, (showing) => runProgram(venvPython, ["-m", "ruff", "check", "."], { ...showing, cwd }));
  const pytest = {
    name: `pytest ${folder}`,
    run: async (/** @type {Showing} */ showing) => {
      const file = emptyReport(`pytest-${folder}.xml`);
      return pytestOutcome(file, await runProgram(venvPython, ["-m", "pytest", `--junitxml=${file}`], { ...showing, cwd }));
    },
  };
  return [ruff, pytest].map((part) => (hasPython ? part : { name: part.name, run: missing }));
}

/** A report of an earlier run must not be taken for this one's. @param {string} name */
function emptyReport(name) {
  const path = ownPath("test-reports", name);
  rmSync(path, { force: true });
  return path;
}

/** @param {number} since */
const minutes = (since) => `${((performance.now() - since) / 60_000).toFixed(1)} min`;

await main();
