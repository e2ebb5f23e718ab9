import { readIfThere } from "./checkout.mjs";

/**
 * What a part of the test run found. `detail` says what went wrong beside failing tests.
 * @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number, readonly detail?: string }} Outcome
 */

/**
 * Counts of vitest's JSON report. An error outside any test counts as one failure, and so does a run without a single test.
 * @param {string} path
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function vitestOutcome(path, exitCode) {
  const text = readIfThere(path);
  if (text === null) return broken("it left no report", { passed: 0, failed: 0, skipped: 0 });
  const report = JSON.parse(text);
  return checked(exitCode, {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  });
}

/**
 * Counts of pytest's JUnit report.
 * @param {string} path
 * @param {number} exitCode
 * @returns {Outcome}
 */
export function pytestOutcome(path, exitCode) {
  const suite = /<testsuite [^>]*>/.exec(readIfThere(path) ?? "")?.[0];
  if (suite === undefined) return broken("it left no report", { passed: 0, failed: 0, skipped: 0 });
  /** @param {string} name */
  const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count("errors") + count("failures");
  return checked(exitCode, { passed: count("tests") - failed - count("skipped"), failed, skipped: count("skipped") });
}

/**
 * A check without tests of its own, such as a linter: nothing when it is content, else one failure.
 * @param {number} exitCode
 * @returns {Outcome}
 */
export const checkOutcome = (exitCode) =>
  exitCode === 0 ? { passed: 0, failed: 0, skipped: 0 } : broken(`ended with ${exitCode}`, { passed: 0, failed: 0, skipped: 0 });

/**
 * @param {number} exitCode
 * @param {Outcome} counts
 * @returns {Outcome}
 */
function checked(exitCode, counts) {
  if (counts.passed + counts.failed === 0) return broken("not a single test ran", counts);
  if (exitCode !== 0 && counts.failed === 0) return broken(`ended with ${exitCode} although no test failed`, counts);
  return counts;
}

/**
 * @param {string} detail
 * @param {Outcome} counts
 * @returns {Outcome}
 */
export const broken = (detail, counts) => ({ ...counts, failed: counts.failed + 1, detail });

/**
 * The closing line.
 * @param {readonly Outcome[]} outcomes
 */
export function closingLine(outcomes) {
  const sum = (/** @type {"passed" | "failed"} */ key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed`;
}
