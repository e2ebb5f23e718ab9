import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SlurmDriver } from "@ziggurat/clusters";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PARTITIONS } from "./layout.js";
import { SlurmScene, TRANSPORTS } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

describe.skipIf(inject("whyNoSlurm") !== null)("who may ask Slurm", () => {
  let slurm: SlurmFixture;
  let scene: SlurmScene;
  beforeAll(async () => {
    slurm = await startSlurm({ nodes: 1 });
    scene = await SlurmScene.open(slurm);
  });
  afterAll(async () => {
    await scene?.close();
    await slurm?.stop();
  });

  const nothingChanges = async (driver: SlurmDriver, words: RegExp) => {
    const ref = { key: "zig-1-1", id: "1" };
    expect(await driver.status(ref)).toEqual({ reachable: false, message: expect.stringMatching(words) });
    await expect(driver.submit(scene.submission())).rejects.not.toMatchObject({ name: "SubmitRefused" });
    await expect(driver.cancel(ref)).rejects.toThrow(words);
  };

  it("is told apart: a token of another key, one that ran out, and a user who is not its own", async () => {
    const real = await slurm.token();
    const [head = "", body = ""] = real.split(".");
    const forged = scene.driver("slurmrestd", {}, `${head}.${body}.AAAA`);
    expect(await forged.health()).toMatchObject({
      healthy: false,
      step: "authenticate",
      reason: expect.stringMatching(/Its key, or the user root/),
      remedy: expect.stringContaining("scontrol token username=root"),
    });
    await nothingChanges(forged, /does not take the token/);

    // slurmrestd itself would take this one, for jobs of nobody.
    const foreign = (await slurm.command("scontrol", "token", "username=nobody")).trim().replace("SLURM_JWT=", "");
    const other = scene.driver("slurmrestd", {}, foreign);
    expect(await other.health()).toMatchObject({ step: "authenticate", reason: expect.stringMatching(/token is of user nobody/) });
    await nothingChanges(other, /token is of user nobody/);

    const brief = await slurm.token(1);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const expired = scene.driver("slurmrestd", {}, brief);
    expect(await expired.health()).toMatchObject({ step: "authenticate", reason: expect.stringMatching(/ran out at 20\d\d-/) });
    await nothingChanges(expired, /ran out/);
  });

  it("by the commands needs the cluster's key, and a token serves in its place", async () => {
    const connection = scene.connection("commands");
    const forged = new SlurmDriver(connection, { token: "no.such.token" });
    expect(await forged.health()).toMatchObject({ healthy: false, step: "authenticate" });
    await nothingChanges(forged, /believe/);
    const driver = new SlurmDriver(connection, { token: await slurm.token() });
    expect(await driver.health()).toMatchObject({ healthy: true });
    const ref = await driver.submit(scene.submission());
    await scene.reaches(driver, ref, "running");
    await scene.finish(driver, ref, 0);
    expect(await driver.status(ref)).toMatchObject({ state: "succeeded" });
  });

  it("hears in time that a token will run out", async () => {
    expect(await scene.driver("slurmrestd").health()).toMatchObject({
      healthy: true,
      device: "4 × a100 on 1 node, Slurm 22.05.8 (v0.0.38)",
      note: expect.stringMatching(/runs out at .*lifespan=/),
    });
    const { note } = { note: undefined, ...(await scene.driver("slurmrestd", {}, await slurm.token(30 * 86_400)).health()) };
    expect(note).toBeUndefined();
  });

  it("reaches nothing where nobody listens, or somebody else does", async () => {
    const nobody = scene.driver("slurmrestd", { url: "http://127.0.0.1:2222" });
    expect(await nobody.health()).toMatchObject({
      healthy: false,
      step: "reach",
      reason: expect.stringMatching(/does not answer: .*ECONNREFUSED/),
    });
    await nothingChanges(nobody, /does not answer/);
    const stranger = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
    const other = scene.driver("slurmrestd", { url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}` });
    expect(await other.health()).toMatchObject({ healthy: false, step: "reach" });
    stranger.close();
    const absent = scene.driver("commands", { commands: "/nowhere" });
    expect(await absent.health()).toMatchObject({
      healthy: false,
      step: "reach",
      remedy: expect.stringMatching(/Install Slurm's commands/),
    });
    await nothingChanges(absent, /cannot be run here/);
  });

  it("learns what else would keep runs from starting", async () => {
    for (const transport of TRANSPORTS) {
      const health = (over: Parameters<SlurmScene["driver"]>[1]) => scene.driver(transport, over).health();
      expect(await health({ partition: "nowhere" })).toMatchObject({
        step: "ready",
        remedy: expect.stringMatching(/gpu, gpu-high, short/),
      });
      expect(await health({ partition: PARTITIONS.closed })).toMatchObject({ step: "ready", reason: "Partition closed takes no work." });
      expect(await health({ mountedAt: "/nowhere" })).toMatchObject({ step: "ready", reason: expect.stringMatching(/\/nowhere/) });
    }
    await slurm.command("scontrol", "update", "nodename=n1", "state=drain", "reason=fan broken");
    for (const transport of TRANSPORTS) {
      const driver = scene.driver(transport);
      expect(await driver.nodes()).toMatchObject([{ name: "n1", state: "drained", reason: expect.stringMatching(/^fan broken/) }]);
      expect(await driver.health()).toMatchObject({ step: "ready", reason: expect.stringMatching(/No node takes work: fan broken/) });
    }
    await slurm.command("scontrol", "update", "nodename=n1", "state=resume");
  });
});
