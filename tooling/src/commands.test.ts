import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sourceStamp } from "../cli/build.mjs";
import { readDemoOptions } from "../cli/demo-options.mjs";
import { oneAtATime } from "../cli/one-at-a-time.mjs";
import { isNodeNewEnough, missingPackages } from "../cli/packages.mjs";
import { isPythonNewEnough } from "../cli/python.mjs";
import { checkOutcome, closingLine, pytestOutcome, vitestOutcome } from "../cli/test-reports.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ziggurat-commands-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("what must be there", () => {
  it("is Node 20.19 or newer", () => {
    expect(["20.19.0", "20.20.2", "22.0.0"].map(isNodeNewEnough)).toEqual([true, true, true]);
    expect(["20.18.9", "18.20.0"].map(isNodeNewEnough)).toEqual([false, false]);
  });

  it("is Python 3.11 or newer", () => {
    expect(["3 11", "3 14"].map(isPythonNewEnough)).toEqual([true, true]);
    expect(["3 10", "2 7", null].map(isPythonNewEnough)).toEqual([false, false, false]);
  });

  it("is every locked package in its locked version, but for those of other machines", () => {
    const wanted = {
      "": {},
      "apps/x": { version: "1" },
      "node_modules/a": { version: "1", integrity: "h" },
      "node_modules/b": { version: "1", optional: true },
    };
    expect(missingPackages(wanted, { "node_modules/a": { version: "1", integrity: "h" } })).toEqual([]);
    expect(missingPackages(wanted, { "node_modules/a": { version: "2" } })).toEqual(["node_modules/a"]);
    expect(missingPackages(wanted, { "node_modules/a": { version: "1", integrity: "other" } })).toEqual(["node_modules/a"]);
    expect(missingPackages(wanted, {})).toEqual(["node_modules/a"]);
  });
});

describe("a build", () => {
  it("is due when a source file changed and not when a test or an output did", () => {
    const source = join(folder, "packages", "x", "src");
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, "index.ts"), "1");
    const before = sourceStamp(folder);
    writeFileSync(join(source, "index.test.ts"), "1");
    mkdirSync(join(folder, "packages", "x", "dist"));
    writeFileSync(join(folder, "packages", "x", "dist", "index.js"), "1");
    expect(sourceStamp(folder)).toBe(before);
    writeFileSync(join(source, "index.ts"), "12");
    expect(sourceStamp(folder)).not.toBe(before);
  });
});

describe("two commands that make one checkout ready", () => {
  it("take turns, and one that was killed keeps nobody waiting", async () => {
    const lock = join(folder, "lock");
    const order: string[] = [];
    let finish = (): void => undefined;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const one = oneAtATime(lock, () => work.then(() => order.push("one")));
    const two = oneAtATime(lock, async () => order.push("two"));
    finish();
    await Promise.all([one, two]);
    expect(order).toEqual(["one", "two"]);
    writeFileSync(lock, "999999999");
    expect(await oneAtATime(lock, async () => "mine")).toBe("mine");
  });
});

describe("npm run demo", () => {
  it("keeps --once, --data-dir and --port and passes the rest on to the demo", () => {
    expect(
      readDemoOptions(["--once", "--port", "8000", "--data-dir=d", "--task-train", "a", "--task-test", "b", "--task-method", "full"]),
    ).toEqual({
      once: true,
      dataDir: "d",
      port: "8000",
      passed: ["--task-train", "a", "--task-test", "b", "--task-method", "full"],
    });
  });

  it("refuses a flag it does not know", () => {
    expect(() => readDemoOptions(["--onec"])).toThrow(/onec/);
  });
});

describe("the closing line of a test run", () => {
  const vitest = (passed: number, failed: number): string =>
    file("vitest.json", JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: 1, numTodoTests: 0 }));
  const pytest = (tests: number, failures: number): string =>
    file(
      "pytest.xml",
      `<testsuites><testsuite name="pytest" errors="0" failures="${failures}" skipped="1" tests="${tests}" time="1"></testsuite></testsuites>`,
    );

  it("sums what vitest and pytest counted", () => {
    expect(closingLine([vitestOutcome(vitest(5, 0), 0), pytestOutcome(pytest(4, 0), 0), checkOutcome(0)])).toBe("8 passed, 0 failed");
    expect(closingLine([vitestOutcome(vitest(5, 2), 1), pytestOutcome(pytest(4, 1), 1)])).toBe("7 passed, 3 failed");
  });

  it("counts a part that ran no test, left no report, or broke outside its tests as failed", () => {
    expect(vitestOutcome(vitest(0, 0), 0)).toMatchObject({ failed: 1, detail: "not a single test ran" });
    expect(vitestOutcome(join(folder, "absent.json"), 0)).toMatchObject({ failed: 1 });
    expect(vitestOutcome(vitest(5, 0), 1)).toMatchObject({ passed: 5, failed: 1 });
    expect(pytestOutcome(pytest(0, 0), 5)).toMatchObject({ failed: 1 });
    expect(checkOutcome(1)).toMatchObject({ failed: 1 });
  });
});
