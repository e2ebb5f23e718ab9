import type { RunRef } from "@ziggurat/clusters";
import { until } from "@ziggurat/clusters/run-scene";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PARTITIONS } from "./layout.js";
import { SlurmScene, TRANSPORTS } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

describe.skipIf(inject("whyNoSlurm") !== null)("a Slurm whose nodes come and go", () => {
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

  it("says who waits for room and who for others, and calls lost what gave way to a job of higher priority", async () => {
    const driver = scene.driver("slurmrestd");
    const whole = { gpusPerNode: 4 };
    const victims: RunRef[] = [];
    for (const _ of slurm.nodes) victims.push(await driver.submit(scene.submission(whole)));
    for (const ref of victims) await scene.works(ref);
    const first = await driver.submit(scene.submission(whole));
    const second = await driver.submit(scene.submission(whole));
    const waits = async (ref: RunRef) => {
      const status = await driver.status(ref);
      return status.reachable ? status.waits : null;
    };
    await until(async () => (await waits(first)) !== null && (await waits(second)) !== null);
    expect(await waits(first)).toEqual({ code: "capacity", raw: "Resources" });
    expect(await waits(second)).toEqual({ code: "priority", raw: "Priority" });
    for (const ref of [first, second]) await driver.cancel(ref);

    const urgent = scene.driver("commands", { partition: PARTITIONS.urgent });
    const winner = await urgent.submit(scene.submission(whole));
    await scene.reaches(urgent, winner, "running");
    for (const view of [driver, scene.driver("commands")]) {
      const states = await Promise.all(victims.map((ref) => view.status(ref)));
      expect(states.filter((status) => status.reachable && status.state === "running")).toHaveLength(victims.length - 1);
      expect(states).toContainEqual(
        expect.objectContaining({ state: "lost", exitCode: null, restarts: 0, engineState: expect.stringContaining("PREEMPTED") }),
      );
    }
    for (const ref of [...victims, winner]) await urgent.cancel(ref);
    for (const ref of [...victims, winner]) await scene.over(driver, ref);
  });

  it("loses a run with its node, takes the next attempt on another one, and keeps a run whose node's daemon alone died", async () => {
    const driver = scene.driver("slurmrestd");
    const start = async () => {
      const ref = await driver.submit(scene.submission({ gpusPerNode: 3 }));
      await scene.works(ref);
      await scene.reaches(driver, ref, "running");
      const status = await driver.status(ref);
      return { ref, node: (status.reachable && status.nodes[0]) || "none" };
    };
    const [lost, kept] = await Promise.all([start(), start()]);
    slurm.killNode(lost.node);
    slurm.killNodeDaemon(kept.node);
    expect([await scene.state(driver, lost.ref), await scene.state(driver, kept.ref)]).toEqual(["running", "running"]);
    slurm.startNode(kept.node);
    await scene.reaches(driver, lost.ref, "lost");
    for (const transport of TRANSPORTS) {
      const view = scene.driver(transport);
      expect(await view.status(lost.ref)).toMatchObject({
        state: "lost",
        message: expect.stringMatching(/node was lost/),
        exitCode: null,
        nodes: [lost.node],
      });
      expect((await view.nodes()).find(({ name }) => name === lost.node)).toMatchObject({
        state: "down",
        reason: expect.stringMatching(/\w/),
      });
      // Slurm does not put it back beside the next attempt.
      expect(await view.find(lost.ref.key)).toEqual([lost.ref]);
      const next = await view.submit(scene.submission());
      await scene.finish(view, next, 0);
      const status = await view.status(next);
      expect(status).toMatchObject({ state: "succeeded", restarts: 0 });
      expect(status.reachable && status.nodes).not.toContain(lost.node);
    }
    await scene.finish(driver, kept.ref, 0);
    expect(await driver.status(kept.ref)).toMatchObject({ state: "succeeded", restarts: 0 });
  });
});
