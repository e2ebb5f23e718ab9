import { statSync } from "node:fs";
import { join } from "node:path";
import type { RunRef } from "@ziggurat/clusters";
import { until } from "@ziggurat/clusters/run-scene";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { SlurmScene, TRANSPORTS } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

describe.skipIf(inject("whyNoSlurm") !== null)("a Slurm whose controller dies", () => {
  let slurm: SlurmFixture;
  let scene: SlurmScene;
  beforeAll(async () => {
    slurm = await startSlurm();
    scene = await SlurmScene.open(slurm);
  });
  afterAll(async () => {
    await scene?.close();
    await slurm?.stop();
  });

  /** A run by each transport, with the training program at work. */
  const running = () =>
    Promise.all(
      TRANSPORTS.map(async (transport) => {
        const driver = scene.driver(transport);
        const ref = await driver.submit(scene.submission());
        await scene.works(ref);
        await scene.reaches(driver, ref, "running");
        return { driver, ref };
      }),
    );

  it("holds what was known while it is gone, and goes on as if nothing had been", async () => {
    const all = await running();
    // It saves its state some seconds after a change; what it had not saved it begins anew.
    const since = Date.now();
    for (const { ref } of all) await slurm.command("scontrol", "update", `jobid=${ref.id}`, "comment=changed");
    await until(async () => statSync(join(slurm.folder, "state", "job_state")).mtimeMs > since);
    slurm.killController();
    await Promise.all(
      all.map(async ({ driver, ref }) => {
        await until(async () => (await scene.state(driver, ref)).startsWith("unreachable"));
        const [status, health] = await Promise.all([driver.status(ref), driver.health()]);
        expect(status).toMatchObject({ reachable: false, message: expect.stringMatching(/controller/) });
        expect(health).toMatchObject({ healthy: false, step: "reach", reason: expect.stringMatching(/controller/) });
        await expect(driver.submit(scene.submission())).rejects.toMatchObject({ name: "SlurmAway" });
      }),
    );
    await slurm.revive();
    for (const { driver, ref } of all) {
      await scene.reaches(driver, ref, "running");
      await scene.finish(driver, ref, 0);
      expect(await driver.status(ref)).toMatchObject({ state: "succeeded", exitCode: 0, restarts: 0, engineState: "COMPLETED" });
    }
  });

  it("that forgets leaves the runner's word, then nothing; and a number that now means another job ends nothing", async () => {
    const [ended, alive] = await running();
    if (ended === undefined || alive === undefined) throw new Error("nothing runs");
    await scene.runs.finish(ended.ref, 11);
    await slurm.wipe();
    await scene.reaches(ended.driver, ended.ref, "failed");
    expect(await ended.driver.status(ended.ref)).toMatchObject({ state: "failed", exitCode: 11, engineState: null });
    expect(await ended.driver.collect(ended.ref)).toMatchObject({ exitCode: 11, cpuSeconds: expect.any(Number) });
    await scene.reaches(alive.driver, alive.ref, "lost");
    expect(await alive.driver.status(alive.ref)).toMatchObject({ state: "lost", message: expect.stringMatching(/does not know/) });
    // Whoever asks again finds the run that was, not nothing.
    expect(await ended.driver.find(ended.ref.key)).toEqual([ended.ref]);
    expect(await ended.driver.submit(scene.submissionOf(ended.ref))).toEqual(ended.ref);

    // Numbers begin anew: the same ones now belong to others.
    const others = new Map<string, RunRef>();
    while (!others.has(alive.ref.id)) {
      const ref = await alive.driver.submit(scene.submission());
      others.set(ref.id, ref);
    }
    const other = others.get(alive.ref.id);
    if (other === undefined) throw new Error("no such number");
    await scene.reaches(alive.driver, other, "running");
    for (const transport of TRANSPORTS) {
      const driver = scene.driver(transport);
      await driver.cancel(alive.ref);
      expect(await scene.state(driver, alive.ref)).toBe("lost");
      expect(await scene.state(driver, other)).toBe("running");
    }
  });
});
