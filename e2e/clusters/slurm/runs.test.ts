import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type RunRef, transportOf } from "@ziggurat/clusters";
import { until } from "@ziggurat/clusters/run-scene";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PARTITIONS } from "./layout.js";
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
  /** A submission through Slurm's door alone, as by somebody whose look-up found nothing. */
  const again = (transport: Transport, key: string) =>
    transportOf(scene.connection(transport), transport === "slurmrestd" ? { token: readToken() } : null).submit({
      name: key,
      script: "#!/bin/bash\nexec sleep 60\n",
      environment: { PATH: "/usr/bin:/bin" },
      workDir: "/tmp",
      nodes: 1,
      cpusPerNode: 1,
      gres: null,
      memoryMbPerNode: 100,
      limitMinutes: 5,
      partition: null,
      account: null,
      qos: null,
    });
  let token = "";
  const readToken = () => token;
  beforeAll(async () => {
    token = await slurm.token();
  });
  const described = (ref: RunRef) => slurm.command("scontrol", "-o", "show", "job", ref.id);
  const jobsNamed = async (key: string) =>
    (await slurm.command("squeue", "-h", "--states=all", `--name=${key}`, "-o", "%i %T")).split("\n").filter((line) => line !== "");

  each("are never put back by Slurm itself, hold what they asked for, and show no secret", async (transport) => {
    const driver = scene.driver(transport);
    const ref = await driver.submit(scene.submission({ gpusPerNode: 2, cpusPerNode: 2, memoryMbPerNode: 300, limitSeconds: 90 }));
    await scene.works(ref);
    const text = `${await described(ref)}\n${await slurm.command("scontrol", "write", "batch_script", ref.id, "-")}`;
    expect(text).toMatch(/Requeue=0/);
    expect(text).toMatch(/TimeLimit=00:02:00.* NumNodes=1 NumCPUs=2 .*mem=300M.*TresPerNode=gres:gpu:a100:2/);
    expect(text).not.toMatch(/secret|127\.0\.0\.1:\d+\/runs/);
    const pid = (await scene.runs.files(ref.key).job())?.process.pid;
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    expect(environment).toContain("ZIGGURAT_JOB_TOKEN=secret");
    expect(environment).toContain("SLURM_JOB_DEPENDENCY=singleton");
    expect(environment.find((one) => one.startsWith("CUDA_VISIBLE_DEVICES="))).toMatch(/=\d,\d$/);
    expect(environment.filter((one) => /^(SLURM_JWT|ZIGGURAT_(?!JOB_))/.test(one))).toEqual([]);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain("secret");
    await scene.finish(driver, ref, 0);
  });

  each("that were submitted in the dark are found, not submitted again", async (transport) => {
    // Whoever submitted died before it could note the number.
    const { key } = scene.submission();
    const id = await again(transport, key);
    const driver = scene.driver(transport);
    expect(await driver.find(key)).toEqual([{ key, id }]);
    await driver.cancel({ key, id });
  });

  it("that were taken although the answer never came are found at the next try (slurmrestd)", async () => {
    // Passes everything on, and hangs up on the answer to a submission.
    const proxy = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const headers = { "X-SLURM-USER-NAME": slurm.user, "X-SLURM-USER-TOKEN": token, "content-type": "application/json" };
        const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
        const answer = await fetch(new URL(request.url ?? "", slurm.url), { method: request.method ?? "GET", headers, ...body });
        const text = await answer.text();
        if (request.method === "POST") request.socket.destroy();
        else response.writeHead(answer.status).end(text);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    try {
      const cut = scene.driver("slurmrestd", { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
      const one = scene.submission();
      await expect(cut.submit(one)).rejects.toThrow(/does not answer/);
      const driver = scene.driver("slurmrestd");
      const ref = await driver.submit(one);
      expect(await jobsNamed(one.key)).toHaveLength(1);
      await driver.cancel(ref);
    } finally {
      proxy.close();
    }
  });

  each("of one key never run beside each other, and end together", async (transport) => {
    const driver = scene.driver(transport);
    const ref = await driver.submit(scene.submission());
    await scene.reaches(driver, ref, "running");
    const double = { key: ref.key, id: await submitDouble(ref.key) };
    expect((await driver.find(ref.key)).map(({ id }) => id)).toEqual([ref.id, double.id]);
    await until(async () => {
      const status = await driver.status(double);
      return status.reachable && status.waits?.raw === "Dependency";
    });
    expect(await driver.status(double)).toMatchObject({ state: "queued", waits: { code: "priority", raw: "Dependency" } });
    await driver.cancel(ref);
    await scene.over(driver, ref);
    await scene.over(driver, double);
    expect(await driver.status(double)).toMatchObject({ state: "cancelled", exitCode: null });
  });
  const submitDouble = async (key: string) =>
    (
      await slurm.command("sbatch", "--parsable", `--job-name=${key}`, "--dependency=singleton", "-o", "/dev/null", "--wrap", "sleep 60")
    ).trim();

  each("that two control planes submit at once are one", async (transport) => {
    const one = scene.submission();
    const drivers = [scene.driver(transport), scene.driver(transport), scene.driver(transport)];
    const refs = await Promise.all(drivers.map((driver) => driver.submit(one)));
    await until(async () => (await jobsNamed(one.key)).filter((line) => /PENDING|RUNNING|CONFIGURING/.test(line)).length === 1);
    const [kept] = await scene.driver(transport).find(one.key);
    expect(refs.some(({ id }) => id === kept?.id)).toBe(true);
    for (const driver of drivers) await driver.cancel({ key: one.key, id: kept?.id ?? "" });
  });

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

  each("that can never be are refused with a way out, and leave nothing that is found later", async (transport) => {
    const refusals: readonly [Parameters<SlurmScene["driver"]>[1], Parameters<SlurmScene["submission"]>[0], RegExp, RegExp][] = [
      [{ partition: "nowhere" }, {}, /Invalid partition name/, /partition that exists/],
      [{}, { gpuType: "h100" }, /node configuration is not available/, /No node has GPUs of type h100\. There are: a100\./],
      [{}, { gpusPerNode: 5 }, /node configuration is not available/, /more than 4 such GPUs/],
      [{}, { memoryMbPerNode: 10_000_000 }, /not available|Memory/, /16000 MiB|less memory/],
      [{}, { limitSeconds: 0 }, /time limit of zero/, /time limit/],
    ];
    for (const [connection, resources, raw, remedy] of refusals) {
      const driver = scene.driver(transport, connection);
      const one = scene.submission(resources);
      for (const _ of ["once", "and again"])
        await expect(driver.submit(one)).rejects.toMatchObject({
          name: "SubmitRefused",
          raw: expect.stringMatching(raw),
          remedy: expect.stringMatching(remedy),
        });
      expect(await driver.find(one.key)).toEqual([]);
    }
  });

  each("that Slurm accepts and could never start say so", async (transport) => {
    const cases = [
      [{ partition: PARTITIONS.short }, { limitSeconds: 3600 }, { code: "impossible", raw: "PartitionTimeLimit" }],
      [{}, { nodes: 7 }, { code: "impossible", raw: "PartitionNodeLimit" }],
      [{ partition: PARTITIONS.closed }, {}, { code: "closed", raw: "PartitionDown" }],
    ] as const;
    for (const [connection, resources, waits] of cases) {
      const driver = scene.driver(transport, connection);
      const ref = await driver.submit(scene.submission(resources));
      await until(async () => {
        const status = await driver.status(ref);
        // Until the scheduler has looked at it, a job that can never start says so in general.
        return status.reachable && status.waits !== null && status.waits.raw !== "PartitionConfig";
      });
      expect(await driver.status(ref)).toMatchObject({ state: "queued", waits });
      await driver.cancel(ref);
      await scene.over(driver, ref);
      expect(await driver.status(ref)).toMatchObject({ state: "cancelled", exitCode: null, nodes: [] });
    }
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
