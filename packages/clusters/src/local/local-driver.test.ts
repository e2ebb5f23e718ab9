import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { oneNode, RunScene, runner, until } from "../../test/run-scene.js";
import { driverConformance, type EngineUnderTest } from "../conformance.js";
import { identityOf, isAlive } from "../node-files/process-identity.js";
import { RunFiles } from "../node-files/run-files.js";
import { LocalDriver } from "./local-driver.js";

interface Bench extends EngineUnderTest {
  readonly folder: string;
  readonly driver: LocalDriver;
}

let scenes: RunScene[] = [];

afterEach(async () => {
  for (const scene of scenes) await scene.close();
  scenes = [];
});

/** The local engine with a control plane that agrees to everything. */
async function bench(over: { python?: string; modules?: string[]; runner?: string; setUpState?: string } = {}): Promise<Bench> {
  const scene = await RunScene.open();
  scenes.push(scene);
  const open = () =>
    new LocalDriver({
      dataDir: scene.folder,
      python: "python3",
      runner,
      trainerPath: [],
      setUpState: null,
      modules: [],
      graceSeconds: 5,
      ...over,
    });
  return {
    folder: scene.folder,
    driver: open(),
    resources: oneNode,
    submission: () => scene.submission(),
    reopened: open,
    finish: (ref, exitCode) => scene.finish(ref, exitCode),
    async lose({ key }) {
      await until(async () => (await scene.files(key).trainer()) !== null);
      for (const identity of [(await scene.files(key).job())?.process, await scene.files(key).trainer()]) {
        if (!identity) throw new Error("nothing to lose");
        process.kill(-identity.pid, "SIGKILL");
        await until(async () => !(await isAlive(identity)));
      }
    },
  };
}

describe("local driver", () => {
  for (const { name, run } of driverConformance) it(name, async () => run(await bench()));

  it("gives the run nothing of our own environment but its two variables and what Python needs", async () => {
    process.env.ZIGGURAT_SECRET_KEY = "not for training";
    try {
      const { driver, submission, folder } = await bench();
      const one = submission();
      await driver.submit(one);
      const job = await new RunFiles(join(folder, "runs", one.key)).job();
      if (process.platform !== "linux" || job === null) return expect(job).not.toBeNull();
      const names = (await readFile(`/proc/${job.process.pid}/environ`, "utf8")).split("\0").map((entry) => entry.split("=")[0]);
      expect(names).toContain("ZIGGURAT_JOB_TOKEN");
      expect(names).not.toContain("ZIGGURAT_SECRET_KEY");
      expect(names.filter((name) => name?.startsWith("ZIGGURAT_")).sort()).toEqual(["ZIGGURAT_JOB_TOKEN", "ZIGGURAT_JOB_URL"]);
    } finally {
      delete process.env.ZIGGURAT_SECRET_KEY;
    }
  });

  it("leads a session of its own, so that no signal to our group reaches it", async () => {
    const { driver, submission, folder } = await bench();
    const one = submission();
    await driver.submit(one);
    const job = await new RunFiles(join(folder, "runs", one.key)).job();
    if (process.platform !== "linux" || job === null) return expect(job).not.toBeNull();
    const stat = await readFile(`/proc/${job.process.pid}/stat`, "utf8");
    const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    expect([Number(group), Number(session)]).toEqual([job.process.pid, job.process.pid]);
  });

  it("keeps the trainer of a killed runner and lets the next runner bring its result home", async () => {
    const { driver, submission, folder, finish } = await bench();
    const one = submission();
    const ref = await driver.submit(one);
    const files = new RunFiles(join(folder, "runs", one.key));
    await until(async () => (await files.trainer()) !== null);
    const trainer = await files.trainer();
    const first = await files.job();
    if (first === null || trainer === null) throw new Error("no processes");
    process.kill(first.process.pid, "SIGKILL");
    await until(async () => !(await isAlive(first.process)));
    expect(await isAlive(trainer)).toBe(true);
    expect(await driver.restart(one, ref)).toBe(true);
    expect((await files.trainer())?.pid).toBe(trainer.pid);
    await finish(ref, 0);
    expect(await driver.status(ref)).toMatchObject({ state: "succeeded", exitCode: 0, restarts: 1 });
  });

  it("says in words why a runner could not be started", async () => {
    const { driver, submission } = await bench({ runner: "/nowhere" });
    await expect(driver.submit(submission())).rejects.toThrow(/did not start.*\/nowhere/s);
    const absent = await bench({ python: "/nowhere/python" });
    await expect(absent.driver.submit(absent.submission())).rejects.toThrow(/ENOENT/);
  });

  it("is healthy with Python, and says what is missing and how to mend it without", async () => {
    expect(await (await bench()).driver.health()).toMatchObject({ healthy: true, device: expect.stringContaining("cpu") });
    expect(await (await bench({ modules: ["no_such_module"] })).driver.health()).toMatchObject({
      healthy: false,
      reason: "The training environment lacks no_such_module.",
      remedy: expect.stringContaining("Python 3.11"),
    });
    expect(await (await bench({ python: "/nowhere/python" })).driver.health()).toMatchObject({ healthy: false });
    expect(await (await bench({ runner: "/nowhere" })).driver.health()).toMatchObject({ healthy: false });
  });

  it("says so while its environment is being made, or why it could not be made", async () => {
    const { folder } = await bench();
    const setUpState = join(folder, "python.json");
    await writeFile(setUpState, JSON.stringify({ state: "installing", pid: 1 }));
    expect(await (await bench({ setUpState })).driver.health()).toMatchObject({
      healthy: false,
      reason: expect.stringContaining("being made"),
    });
    await writeFile(setUpState, JSON.stringify({ state: "failed", reason: "No package index.", remedy: "Go online." }));
    const failed = await (await bench({ setUpState, python: "/nowhere/python" })).driver.health();
    expect(failed).toEqual({ healthy: false, step: "ready", reason: "No package index.", remedy: "Go online." });
  });

  it("refuses keys that are no folder names", async () => {
    const { driver, submission } = await bench();
    await expect(driver.submit({ ...submission(), key: "../escape" })).rejects.toThrow("not an attempt key");
    expect(existsSync(join(tmpdir(), "escape"))).toBe(false);
  });
});

describe("process identity", () => {
  it("is not fooled by a reused pid", async () => {
    const own = await identityOf(process.pid);
    expect(own && (await isAlive(own))).toBe(true);
    expect(own && (await isAlive({ ...own, startTime: "1" }))).toBe(false);
    expect(await identityOf(2 ** 22 + 1)).toBeNull();
  });
});
