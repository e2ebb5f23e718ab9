import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type RunRef, transportOf } from "@ziggurat/clusters";
import { until } from "@ziggurat/clusters/run-scene";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { PARTITIONS } from "./layout.js";
import { SlurmScene, TRANSPORTS, type Transport } from "./scene.js";
import { type SlurmFixture, startSlurm } from "./slurm-fixture.js";

describe.skipIf(inject("whyNoSlurm") !== null).concurrent("submissions to a real Slurm", () => {
  let slurm: SlurmFixture;
  let scene: SlurmScene;
  let token = "";
  beforeAll(async () => {
    slurm = await startSlurm();
    scene = await SlurmScene.open(slurm);
    token = await slurm.token();
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
    transportOf(scene.connection(transport), transport === "slurmrestd" ? { token } : null).submit({
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
});
