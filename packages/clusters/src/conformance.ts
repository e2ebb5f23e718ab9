import type { ClusterDriver, Resources, RunRef, Submission } from "./cluster-driver.js";

/** How a test makes the engine do what the outside world does to it. */
export interface EngineUnderTest {
  readonly driver: ClusterDriver;
  /** A submission that runs until told otherwise. */
  submission(): Submission;
  /** What a probe takes here. */
  readonly resources: Resources;
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
      await reaches(driver, await driver.submit(one), "running");
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
      await reaches(later, ref, "running");
      same((await later.submit(one)).id, ref.id, "id of a second submission");
    },
  },
  {
    name: "keeps the exit code of a run that ended, and keeps it final",
    async run({ driver, submission, finish, reopened }) {
      const one = submission();
      const ref = await driver.submit(one);
      await reaches(driver, ref, "running");
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
      await reaches(driver, ref, "running");
      await finish(ref, 0);
      same(await stateOf(driver, ref), "succeeded", "state");
    },
  },
  {
    name: "stops a run on request, and may be asked twice",
    async run({ driver, submission }) {
      const ref = await driver.submit(submission());
      await reaches(driver, ref, "running");
      await driver.cancel(ref);
      await driver.cancel(ref);
      await reaches(driver, ref, "cancelled", "failed");
    },
  },
  {
    name: "stops a run that it was asked to stop at once",
    async run({ driver, submission }) {
      const ref = await driver.submit(submission());
      await driver.cancel(ref);
      await reaches(driver, ref, "cancelled", "failed");
    },
  },
  {
    name: "shows a run without process and without final word as lost, and starts it again in place",
    async run({ driver, submission, lose }) {
      const one = submission();
      const ref = await driver.submit(one);
      await reaches(driver, ref, "running");
      await lose(ref);
      await reaches(driver, ref, "lost");
      if (!(await driver.restart(one, ref))) return;
      const [found] = await driver.find(one.key);
      if (found === undefined) throw new Error("the restarted run is not found");
      await reaches(driver, found, "running");
      const status = await driver.status(found);
      same(status.reachable && status.restarts, 1, "restarts");
    },
  },
  {
    name: "does not restart a run that is alive",
    async run({ driver, submission }) {
      const one = submission();
      const ref = await driver.submit(one);
      await reaches(driver, ref, "running");
      same(await driver.restart(one, ref), false, "restarted");
      same(await stateOf(driver, ref), "running", "state");
    },
  },
  {
    name: "shows what a probe printed, from any place on, and what it used, as often as asked",
    async run({ driver, resources, submission }) {
      const text = "reads what I print: \u6a21\u578b";
      const { key, family } = submission();
      const ref = await driver.submit({ key, family, resources, work: { kind: "probe", text, seconds: 0 } });
      await reaches(driver, ref, "succeeded");
      const whole = await read(driver, ref, 0);
      if (!whole.text.includes(text)) throw new Error(`the log lacks what was printed: ${whole.text}`);
      const later = await read(driver, ref, whole.next);
      same(later.text, "", "what comes after the end");
      const tail = await read(driver, ref, whole.next - 2);
      same(tail.next, whole.next, "end of the log");
      for (const _ of [1, 2]) same((await driver.collect(ref))?.exitCode, 0, "exit code collected");
    },
  },
  {
    name: "has nodes, and says of itself that it is healthy",
    async run({ driver }) {
      same((await driver.health()).healthy, true, "healthy");
      const nodes = await driver.nodes();
      if (nodes.length === 0) throw new Error("no nodes");
      for (const node of nodes)
        for (const { count, free } of node.gpus)
          if (free < 0 || free > count) throw new Error(`${node.name}: ${free} of ${count} GPUs free`);
    },
  },
];

async function read(driver: ClusterDriver, ref: RunRef, offset: number): Promise<{ readonly text: string; readonly next: number }> {
  const chunks: Uint8Array[] = [];
  for (let next = offset; ; ) {
    const piece = await driver.logs(ref, next);
    if (piece.bytes.length === 0) return { text: Buffer.concat(chunks).toString("utf8"), next };
    chunks.push(piece.bytes);
    next = piece.next;
  }
}

/** Engines take their time; a state that can no longer be left ends the wait at once. */
async function reaches(driver: ClusterDriver, ref: RunRef, ...states: readonly string[]): Promise<void> {
  await until(async () => {
    const state = await stateOf(driver, ref);
    if (states.includes(state)) return true;
    if (["succeeded", "failed", "cancelled"].includes(state)) throw new Error(`is ${state} instead of ${states.join(" or ")}`);
    return false;
  });
}

async function stateOf(driver: ClusterDriver, ref: RunRef): Promise<string> {
  const status = await driver.status(ref);
  return status.reachable ? status.state : "unreachable";
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not happen within 60 s");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
