import { createHash } from "node:crypto";
import type { TrainerEvent } from "@ziggurat/contracts";
import { newId } from "../src/platform/database/ids.js";
import { Admission } from "../src/tuning/advance/admission.service.js";
import { RunTokens } from "../src/tuning/runs/run-tokens.js";
import { type Answer, asSystem, send, type TestPlatform } from "./harness.js";

/** An attempt whose runner is the test itself. */
export interface HandRun {
  readonly attemptId: string;
  readonly token: string;
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  events(...events: readonly Record<string, unknown>[]): Promise<Answer>;
  upload(bytes: Uint8Array): Promise<string>;
}

/** The local cluster without its worker: healthy, with `slots` places. */
export async function aCluster(platform: TestPlatform, slots = 100): Promise<void> {
  await asSystem(platform, "insert into clusters (id, name, driver, slots, healthy) values ($1, 'local', 'local', $2, true)", [
    newId("cluster"),
    slots,
  ]);
}

/** Admits what is queued and takes the job's attempt in hand. */
export async function takeInHand(platform: TestPlatform, jobId: string): Promise<HandRun> {
  await platform.app.get(Admission).run();
  const [attempt] = await asSystem<{ id: string }>(platform, "select id from attempts where job_id = $1 order by number desc limit 1", [
    jobId,
  ]);
  if (attempt === undefined) throw new Error(`job ${jobId} was not admitted`);
  const token = platform.app.get(RunTokens).tokenOf(attempt.id);
  const call: HandRun["call"] = (method, path, body, headers = {}) =>
    send(platform.url, method, `/api/v1/runs/${attempt.id}${path}`, body, { authorization: `Bearer ${token}`, ...headers });
  return {
    attemptId: attempt.id,
    token,
    call,
    events: (...events) => call("POST", "/events", { events }),
    async upload(bytes) {
      const digest = createHash("sha256").update(bytes).digest("hex");
      const answer = await call("PUT", `/blobs/${digest}`, bytes);
      if (answer.status !== 201 && answer.status !== 200) throw new Error(`no upload: ${answer.text}`);
      return digest;
    },
  };
}

const at = "2026-01-01T00:00:00.000Z";
export const metric = (seq: number, step: number, value: number | string, key = "loss") => ({ seq, at, type: "metric", key, step, value });
export const logLine = (seq: number, line: string, stream = "stdout") => ({ seq, at, type: "log", stream, line });
export const state = (seq: number, name: Extract<TrainerEvent, { type: "state" }>["state"]) => ({ seq, at, type: "state", state: name });

/** A manifest of these files, by path. */
export function aManifest(
  command: string,
  files: Readonly<Record<string, Uint8Array>>,
  evaluations: readonly Record<string, unknown>[] = [],
): Record<string, unknown> {
  const listed = Object.entries(files).map(([path, bytes]) => ({
    path,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
  }));
  return {
    schema: "ziggurat.manifest/1",
    files: listed,
    result: {
      schema: "ziggurat.result/1",
      command,
      files: listed,
      parameters: 1000,
      tokens: 10,
      seconds: 1,
      tokensPerSecond: 10,
      loss: 1,
      evaluations,
      environment: {},
    },
  };
}
