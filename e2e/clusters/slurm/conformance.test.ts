import { driverConformance } from "@ziggurat/clusters";
import { afterAll, beforeAll, describe, inject, it } from "vitest";
import { SlurmScene, TRANSPORTS } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

/** Cases that take a node away run by themselves; the others share the nodes. */
const alone = driverConformance.filter(({ name }) => name.includes("lost"));
const together = driverConformance.filter((one) => !alone.includes(one));

describe.skipIf(inject("whyNoSlurm") !== null)("driver conformance on a real Slurm", () => {
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

  describe.concurrent("cases that share the nodes", () => {
    for (const transport of TRANSPORTS)
      for (const { name, run } of together) it(`${name} (${transport})`, () => run(scene.bench(transport)));
  });

  describe("cases that take a node away", () => {
    for (const transport of TRANSPORTS)
      for (const { name, run } of alone)
        it(`${name} (${transport})`, async () => {
          await run(scene.bench(transport));
          await slurm.revive();
        });
  });
});
