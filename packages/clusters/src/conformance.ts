import type { ClusterDriver, RunRef, Submission } from "./cluster-driver.js";

/** How a test makes the engine do what the outside world does to it. */
export interface EngineUnderTest {
  readonly driver: ClusterDriver;
  /** A submission that runs until told otherwise. */
  submission(): Submission;
  /** The same engine seen by a control plane that was started anew. */
  reopened(): ClusterDriver;
  /** Lets the run end with `exitCode` and returns once the engine shows it. */
  finish(ref: RunRef, exitCode: number): Promise<void>;
  /** Makes the engine lose the run: no process, no final word. */
  lose(ref: RunRef): Promise<void>;
}

export interface ConformanceCase {
  readonly name: string;
  run(engine: EngineUnderTest): Promise<void>;
}

/** What everything above the port relies on. Each driver's test runs every case on a fresh engine. */
export const driverConformance: readonly ConformanceCase[] = [
  {
    name: "starts one run for one key, however often it is submitted",
    async run({ driver, submission }) {
      const one = submission();
      const refs = await Promise.all([driver.submit(one), driver.submit(one), driver.submit(one)]);
      same(new Set(refs.map((ref) => ref.id)).size, 1, "ids");
      same((await driver.find(one.key)).length, 1, "runs found");
      same(await stateOf(driver, await driver.submit(one)), "running", "state");
    },
  },
  {
    name: "knows nothing of a key that was never submitted",
    async run({ driver, submission }) {
      same((await driver.find(submission().key)).length, 0, "runs found");
    },
  },
  {
    name: "finds and watches a run after the control plane was started anew",
    async run({ driver, submission, reopened }) {
      const one = submission();
      const ref = await driver.submit(one);
      const later = reopened();
      same((await later.find(one.key))[0]?.id, ref.id, "id");
      same(await stateOf(later, ref), "running", "state");
      same((await later.submit(one)).id, ref.id, "id of a second submission");
    },
  },
  {
    name: "keeps the exit code of a run that ended, and keeps it final",
    async run({ driver, submission, finish, reopened }) {
      const one = submission();
      const ref = await driver.submit(one);
      await finish(ref, 11);
      for (const view of [driver, reopened()]) {
        const status = await view.status(ref);
        same(status.reachable && status.state, "failed", "state");
        same(status.reachable && status.exitCode, 11, "exit code");
      }
      await driver.cancel(ref);
      same((await driver.submit(one)).id, ref.id, "id of a second submission");
      same(await stateOf(driver, ref), "failed", "state after a late cancel");
    },
  },
  {
    name: "says succeeded only for exit code 0",
    async run({ driver, submission, finish }) {
      const ref = await driver.submit(submission());
      await finish(ref, 0);
      same(await stateOf(driver, ref), "succeeded", "state");
    },
  },
  {
    name: "stops a run on request, and may be asked twice",
    async run({ driver, submission }) {
      const ref = await driver.submit(submission());
      await driver.cancel(ref);
      await driver.cancel(ref);
      await until(async () => ["cancelled", "failed"].includes(await stateOf(driver, ref)));
    },
  },
  {
    name: "shows a run without process and without final word as lost, and starts it again in place",
    async run({ driver, submission, lose }) {
      const one = submission();
      const ref = await driver.submit(one);
      await lose(ref);
      same(await stateOf(driver, ref), "lost", "state");
      if (!(await driver.restart(one, ref))) return;
      const [found] = await driver.find(one.key);
      if (found === undefined) throw new Error("the restarted run is not found");
      const status = await driver.status(found);
      same(status.reachable && status.state, "running", "state after the restart");
      same(status.reachable && status.restarts, 1, "restarts");
    },
  },
  {
    name: "does not restart a run that is alive",
    async run({ driver, submission }) {
      const one = submission();
      const ref = await driver.submit(one);
      same(await driver.restart(one, ref), false, "restarted");
      same(await stateOf(driver, ref), "running", "state");
    },
  },
];

async function stateOf(driver: ClusterDriver, ref: RunRef): Promise<string> {
  const status = await driver.status(ref);
  return status.reachable ? status.state : "unreachable";
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not happen within 15 s");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
