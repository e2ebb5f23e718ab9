import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CreateJobInput, type Job, type JobState, paths } from "@ziggurat/contracts";
import { type Client, startPlatform, type TestPlatform } from "./harness.js";
import { dataset, register } from "./registry-fixtures.js";

/** What the stub trainer may be told in a dataset's first row. */
export interface StubOrders {
  readonly steps?: number;
  /** Waits behind this step until the file is there. */
  readonly waitAtStep?: number;
  readonly waitFor?: string;
  /** Fails behind this step unless the file is there. */
  readonly failAtStep?: number;
  readonly unlessThere?: string;
  readonly failure?: string;
  readonly exitCode?: number;
  readonly detail?: string;
  readonly losses?: Readonly<Record<string, number | string>>;
  /** An evaluation in which a model does better than what it learnt from, so that gates pass. */
  readonly gains?: boolean;
  /** An evaluation that leaves out rows. */
  readonly skipRows?: number;
}

/** Environment of a platform whose local cluster runs the stub trainer. */
export function stubEnvironment(): Record<string, string> {
  return {
    // The interpreter itself, not a shim that would look for it in a home folder.
    ZIGGURAT_PYTHON: execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim(),
    ZIGGURAT_TRAINER_DIR: join(import.meta.dirname, "stub-trainer"),
    ZIGGURAT_JOB_THREADS: "1",
  };
}

export interface JobsBench {
  readonly platform: TestPlatform;
  readonly engineer: Client;
  /** Uploads rows whose first one tells the stub trainer what to do; answers the dataset version. */
  orders(client: Client, orders: StubOrders, format?: "text" | "chat"): Promise<string>;
  /** A model line, made when it is not there. */
  line(client: Client, tier: "foundation" | "finance" | "institution", slug: string): Promise<string>;
  close(): Promise<void>;
}

let made = 0;

export async function jobsBench(options: { readonly slots?: number; readonly role?: "all" | "http" } = {}): Promise<JobsBench> {
  const platform = await startPlatform({
    role: options.role ?? "all",
    env: { ...stubEnvironment(), ZIGGURAT_LOCAL_SLOTS: String(options.slots ?? 2) },
  });
  const engineer = await platform.addPerson("platform", "engineer@platform.example", "platform_engineer");
  return {
    platform,
    engineer,
    orders: (client, orders, format = "text") => stubOrders(client, orders, format),
    line: (client, tier, slug) => lineOf(client, tier, slug),
    async close() {
      stopRuns(platform.dataDir);
      await platform.close();
    },
  };
}

export async function stubOrders(client: Client, orders: StubOrders, format: "text" | "chat" = "text"): Promise<string> {
  made += 1;
  const namespace = client.viewer.institutionSlug === "platform" ? "foundation" : client.viewer.institutionSlug;
  const texts = [JSON.stringify({ made, ...orders }), `row two of ${made}`, "row three", "row four"];
  const rows = texts.map((text) => JSON.stringify(format === "text" ? { text } : { messages: turns(text) }));
  return dataset(client, `${namespace}/orders-${made}`, `${rows.join("\n")}\n`, format);
}

export async function lineOf(client: Client, tier: "foundation" | "finance" | "institution", slug: string): Promise<string> {
  const answer = await register(client, { tier, slug });
  if (answer.status !== 201) throw new Error(`no model ${slug}: ${answer.text}`);
  return answer.body.ref;
}

const turns = (text: string) => [
  { role: "user", content: text },
  { role: "assistant", content: "fine" },
];

/** A pretraining job of the smallest shape. */
export const pretraining = (model: string, data: string, more: Partial<CreateJobInput> = {}): CreateJobInput => ({
  kind: "pretrain",
  method: "pretrain",
  model,
  datasets: [data],
  hyperparameters: {
    vocabSize: 300,
    architecture: { hiddenSize: 8, layers: 1, heads: 2, kvHeads: 1, headDim: 4, intermediateSize: 16 },
  },
  ...more,
});

export async function request(client: Client, job: CreateJobInput): Promise<Job> {
  const answer = await client.post(paths.jobs(), job);
  if (answer.status !== 201) throw new Error(`no job: ${answer.status} ${answer.text}`);
  return answer.body;
}

export async function jobOf(client: Client, id: string): Promise<Job> {
  const answer = await client.get(paths.job(id));
  if (answer.status !== 200) throw new Error(`no job ${id}: ${answer.text}`);
  return answer.body;
}

/** Watches a job until it is in one of these states. */
export async function reaches(client: Client, id: string, ...states: readonly JobState[]): Promise<Job> {
  return until(
    async () => {
      const job = await jobOf(client, id);
      if (states.includes(job.state)) return job;
      if (["failed", "cancelled", "succeeded"].includes(job.state)) {
        throw new Error(`job is ${job.state}: ${job.stateReason} ${JSON.stringify(job.history)}`);
      }
      return null;
    },
    states.join(" or "),
    120,
  );
}

/** Asks until there is an answer. */
export async function until<T>(ask: () => Promise<T | null | false>, what: string, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function lets(path: string): void {
  writeFileSync(path, "");
}

/** Pids of the runner and the training program of an attempt. */
export function processesOf(dataDir: string, key: string): { readonly runner: number; readonly trainer: number } {
  const read = (name: string): { process: { pid: number } } => JSON.parse(readFileSync(join(dataDir, "runs", key, name), "utf8"));
  return { runner: read("job.json").process.pid, trainer: read("trainer.json").process.pid };
}

/** Ends whatever a test left running. */
export function stopRuns(dataDir: string): void {
  let keys: string[] = [];
  try {
    keys = readdirSync(join(dataDir, "runs"));
  } catch {
    return;
  }
  for (const key of keys) {
    for (const name of ["job.json", "trainer.json"]) {
      try {
        const { pid } = JSON.parse(readFileSync(join(dataDir, "runs", key, name), "utf8")).process;
        process.kill(-pid, "SIGKILL");
      } catch {
        // It has ended, which is what we want.
      }
    }
  }
}
