import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Resources, RunRef, Submission } from "../src/cluster-driver.js";
import { signalGroup } from "../src/node-files/process-identity.js";
import { RunFiles } from "../src/node-files/run-files.js";

/** Folder of the real runner. */
export const runner = fileURLToPath(new URL("../../../runner", import.meta.url));

export const oneNode: Resources = {
  nodes: 1,
  gpusPerNode: 0,
  gpuType: null,
  cpusPerNode: 1,
  memoryMbPerNode: null,
  limitSeconds: 600,
};

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

let made = 0;

/** A folder that engine and runner share, and a control plane that agrees to everything. */
export class RunScene {
  private readonly keys: string[] = [];

  private constructor(
    /** Holds `runs/`, `checkpoints/` and `node-cache/`. */
    readonly folder: string,
    private readonly url: string,
    private readonly server: Server,
  ) {}

  static async open(): Promise<RunScene> {
    const folder = await mkdtemp(join(tmpdir(), "zig-run-"));
    const program = join(folder, "program.py");
    await writeFile(program, PROGRAM);
    const { url, server } = await controlPlane(program);
    return new RunScene(folder, url, server);
  }

  /** An attempt that runs until {@link finish}. */
  submission(resources: Partial<Resources> = {}): Submission {
    made += 1;
    // Processes of one test run side by side on one engine, so each has names of its own.
    const family = `zig-${process.pid}-${made}`;
    this.keys.push(`${family}-1`);
    return {
      key: `${family}-1`,
      family,
      resources: { ...oneNode, ...resources },
      work: { kind: "run", url: this.url, token: "secret" },
    };
  }

  files(key: string): RunFiles {
    return new RunFiles(join(this.folder, "runs", key));
  }

  /** Lets the training program end; returns once the runner left its final word. */
  async finish({ key }: RunRef, exitCode: number): Promise<void> {
    await writeFile(join(this.folder, "runs", key, "code"), String(exitCode));
    await until(async () => (await this.files(key).exit()) !== null);
  }

  async close(): Promise<void> {
    this.server.close();
    for (const key of this.keys)
      for (const identity of [(await this.files(key).job())?.process, await this.files(key).trainer()])
        await signalGroup(identity ?? null, "SIGKILL");
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function controlPlane(program: string): Promise<{ readonly url: string; readonly server: Server }> {
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
  return new Promise((resolve, reject) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) reject(new Error("no port"));
      else resolve({ url: `http://127.0.0.1:${address.port}/runs/att_1`, server });
    });
  });
}

/** @throws Error when it does not come about within a minute */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not happen within a minute");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
