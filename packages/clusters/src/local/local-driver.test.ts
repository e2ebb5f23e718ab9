import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { driverConformance, type EngineUnderTest } from "../conformance.js";
import { LocalDriver } from "./local-driver.js";
import { identityOf, isAlive, signalGroup } from "./process-identity.js";
import { RunFiles } from "./run-files.js";

const runner = fileURLToPath(new URL("../../../../runner", import.meta.url));

/** A training program that ends with the exit code a test writes. */
const PROGRAM = `
import hashlib, json, pathlib, sys, time
out = pathlib.Path(sys.argv[2]); out.mkdir(parents=True, exist_ok=True)
code = out.parent / "code"
while not code.exists() or not code.read_text(): time.sleep(0.01)
(out / "artifact").mkdir(exist_ok=True)
(out / "artifact" / "a").write_bytes(b"a")
file = {"path": "artifact/a", "sha256": hashlib.sha256(b"a").hexdigest(), "sizeBytes": 1}
(out / "result.json").write_text(json.dumps({"files": [file]}))
sys.exit(int(code.read_text()))
`;

interface Bench extends EngineUnderTest {
  readonly folder: string;
  readonly driver: LocalDriver;
}

let folders: string[] = [];
let servers: Server[] = [];
let made = 0;

afterEach(async () => {
  for (const server of servers) server.close();
  for (const folder of folders) {
    for (const key of Array.from({ length: made + 1 }, (_, n) => `zig-${n}-1`)) {
      for (const identity of [
        (await new RunFiles(join(folder, "runs", key)).job())?.process,
        await new RunFiles(join(folder, "runs", key)).trainer(),
      ]) {
        await signalGroup(identity ?? null, "SIGKILL");
      }
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  folders = [];
  servers = [];
});

/** The local engine with a control plane that agrees to everything. */
async function bench(over: { python?: string; modules?: string[]; runner?: string; setUpState?: string } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "zig-local-"));
  folders.push(folder);
  const program = join(folder, "program.py");
  await writeFile(program, PROGRAM);
  const url = await controlPlane(program);
  const open = () =>
    new LocalDriver({
      dataDir: folder,
      python: "python3",
      runner,
      trainerPath: [],
      setUpState: null,
      modules: [],
      graceSeconds: 5,
      ...over,
    });
  const driver = open();
  const files = (key: string) => new RunFiles(join(folder, "runs", key));
  return {
    folder,
    driver,
    submission: () => {
      made += 1;
      return { key: `zig-${made}-1`, family: `zig-${made}`, url, token: "secret" };
    },
    reopened: open,
    async finish(ref, exitCode) {
      await writeFile(join(folder, "runs", ref.key, "code"), String(exitCode));
      await until(async () => (await files(ref.key).exit()) !== null);
    },
    async lose(ref) {
      await until(async () => (await files(ref.key).trainer()) !== null);
      for (const identity of [(await files(ref.key).job())?.process, await files(ref.key).trainer()]) {
        if (!identity) throw new Error("nothing to lose");
        process.kill(-identity.pid, "SIGKILL");
        await until(async () => !(await isAlive(identity)));
      }
    },
  };
}

function controlPlane(program: string): Promise<string> {
  const digest = createHash("sha256").update("a").digest("hex");
  let acknowledged = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const answer = (body: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
      if (request.url?.endsWith("/spec")) {
        answer({
          schema: "ziggurat.run/1",
          trainer: { attempt: { key: "zig-1-1", restart: 0 }, checkpointDir: "checkpoints", graceSeconds: 1, threads: 1 },
          inputs: [],
          command: ["{python}", program, "{spec}", "{out}"],
          limits: { seconds: 60, heartbeatSeconds: 1 },
        });
      } else if (request.url?.endsWith("/events")) {
        const { events }: { events: { seq: number }[] } = JSON.parse(Buffer.concat(chunks).toString());
        acknowledged = Math.max(acknowledged, ...events.map((event) => event.seq));
        answer({ acknowledged, command: null });
      } else if (request.method === "HEAD") {
        response.setHeader("upload-complete", "?1").end();
      } else {
        answer(request.url?.endsWith("/manifest") ? { version: null, rootDigest: digest } : {});
      }
    });
  });
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) reject(new Error("no port"));
      else resolve(`http://127.0.0.1:${address.port}/runs/att_1`);
    });
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not happen within 15 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
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
    expect(failed).toEqual({ healthy: false, reason: "No package index.", remedy: "Go online." });
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
