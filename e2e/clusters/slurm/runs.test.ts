import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { SlurmScene, TRANSPORTS, type Transport } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

describe.skipIf(inject("whyNoSlurm") !== null).concurrent("runs on a real Slurm", () => {
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

  const each = (name: string, run: (transport: Transport) => Promise<void>) => {
    for (const transport of TRANSPORTS) it(`${name} (${transport})`, () => run(transport));
  };

  each("that are killed say by which signal, and count as what the contract calls it", async (transport) => {
    const driver = scene.driver(transport);
    const ref = await driver.submit(scene.submission());
    await scene.works(ref);
    const pid = (await scene.runs.files(ref.key).job())?.process.pid;
    process.kill(pid ?? 0, "SIGKILL");
    await scene.over(driver, ref);
    expect(await driver.status(ref)).toMatchObject({ state: "failed", exitCode: 137, message: "Ended by signal 9." });
  });

  each("that reach their time limit fail by it and not with code 0", async (transport) => {
    const driver = scene.driver(transport);
    const ref = await driver.submit(scene.submission());
    await scene.reaches(driver, ref, "running");
    await slurm.command("scontrol", "update", `jobid=${ref.id}`, "EndTime=now");
    await scene.over(driver, ref);
    expect(await driver.status(ref)).toMatchObject({ state: "failed", exitCode: 23, engineState: expect.stringContaining("TIMEOUT") });
  });

  each("whose shared folder is gone fail before they write anywhere", async (transport) => {
    const driver = scene.driver(transport, { workDir: "/nowhere/at/all", mountedAt: null });
    const ref = await driver.submit(scene.submission());
    await scene.over(driver, ref);
    expect(await driver.status(ref)).toMatchObject({
      state: "failed",
      exitCode: 16,
      message: expect.stringMatching(/^The shared folder is missing on n\d/),
    });
    expect(await driver.collect(ref)).toEqual({ exitCode: 16, cpuSeconds: null, maxMemoryBytes: null });
  });

  each("without their interpreter fail as an environment that lacks something", async (transport) => {
    const driver = scene.driver(transport, { python: "/nowhere/python" });
    const ref = await driver.submit(scene.submission());
    await scene.over(driver, ref);
    expect(await driver.status(ref)).toMatchObject({ state: "failed", exitCode: 16, message: expect.stringMatching(/Interpreter/) });
    const { bytes } = await driver.logs(ref, 0);
    expect(Buffer.from(bytes).toString()).toContain("/nowhere/python");
  });

  each("on two nodes have a runner on each, which know one another", async (transport) => {
    const folder = join(scene.runs.folder, `reporter-${transport}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "__main__.py"), REPORTER);
    const driver = scene.driver(transport, { runner: folder });
    const ref = await driver.submit(scene.submission({ nodes: 2, gpusPerNode: 2, cpusPerNode: 2 }));
    await scene.over(driver, ref);
    const status = await driver.status(ref);
    expect(status).toMatchObject({ state: "failed", exitCode: 5 });
    expect(status.reachable && status.nodes).toHaveLength(2);
    const { bytes } = await driver.logs(ref, 0);
    const lines = Buffer.from(bytes)
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("rank "));
    const address = `127.0.0.1:${29_400 + (Number(ref.id) % 1000)}`;
    expect(lines.sort()).toEqual([0, 1].map((rank) => `rank ${rank} of 2 at ${address}, 2 GPUs, token secret`));
  });

  each("see their nodes: what is free, what is used, and who is drained why", async (transport) => {
    const driver = scene.driver(transport);
    const ref = await driver.submit(scene.submission({ gpusPerNode: 1 }));
    await scene.reaches(driver, ref, "running");
    const status = await driver.status(ref);
    const node = (await driver.nodes()).find(({ name }) => status.reachable && status.nodes.includes(name));
    expect(node).toMatchObject({ cpus: 8, memoryMb: 16_000, gpus: [{ type: "a100", count: 4 }], reason: null });
    expect(node?.gpus[0]?.free).toBeLessThan(4);
    await driver.cancel(ref);
  });
});

/** Stands for a runner that has a part on every node: says what it was told, and fails on the second one. */
const REPORTER = `
import os, sys
one = os.environ
gpus = len(one["CUDA_VISIBLE_DEVICES"].split(","))
print("rank", one["ZIGGURAT_NODE_RANK"], "of", one["ZIGGURAT_NODES"], "at", one["ZIGGURAT_RENDEZVOUS"] + ",", gpus, "GPUs, token", one["ZIGGURAT_JOB_TOKEN"], flush=True)
import time; time.sleep(60 if one["ZIGGURAT_NODE_RANK"] == "0" else 1)
sys.exit(5)
`;
