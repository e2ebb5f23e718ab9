import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Api, ensureDatasetVersion, ensureMember, ensureModel, uploadBlob } from "@ziggurat/client";
import { CreatedToken, type CreateJobInput, paths } from "@ziggurat/contracts";
import type { RunningPlatform } from "./platform.js";

export interface BenchRequest {
  readonly name: string;
  readonly path: string;
  readonly body: object;
}
export interface Scene {
  readonly token: string;
  readonly requests: readonly BenchRequest[];
}

const ENGINEER = { email: "engineer@bench.example", password: "bench-password-2" };

/** A model, a dataset and a token; and the two requests that are measured. */
export async function setScene({ url, admin }: RunningPlatform): Promise<Scene> {
  const administrator = await Api.signIn(url, admin.email, admin.password);
  await ensureMember(administrator, "platform", ENGINEER, "Bench Engineer", ["platform_engineer"]);
  const engineer = await Api.signIn(url, ENGINEER.email, ENGINEER.password);
  const model = await ensureModel(engineer, {
    namespace: "foundation",
    slug: "bench",
    tier: "foundation",
    name: "Bench",
    licence: "Apache-2.0",
  });
  const rows = Array.from({ length: 100 }, (_, n) => JSON.stringify({ text: `Row ${n} of a small text.` })).join("\n");
  const sha256 = await uploadBlob(engineer, new TextEncoder().encode(rows), () => undefined);
  const dataset = await ensureDatasetVersion(
    engineer,
    {
      namespace: "foundation",
      slug: "bench-text",
      name: "Bench text",
      format: "text",
      licence: "CC0-1.0",
      legalBasis: "own_generation",
      sensitivity: "public",
    },
    sha256,
    "",
  );
  const { secret } = await engineer.post(CreatedToken, paths.tokens(), {
    name: "bench",
    scopes: ["models:write", "models:read", "jobs:write", "jobs:read", "datasets:read"],
  });
  return {
    token: secret,
    requests: [
      { name: "register-version", path: paths.versions(model), body: { notes: "a version", files: [{ path: "notes.txt", sha256 }] } },
      { name: "request-job", path: paths.jobs(), body: jobRequest(model, dataset) },
    ],
  };
}

export async function sendOnce(url: string, { token }: Scene, { path, body }: BenchRequest): Promise<void> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
}

/** The application's login of the embedded database, from the files of the data folder. */
export function applicationUrl(dataDir: string): string {
  return databaseUrl(dataDir, "app", "ziggurat_app");
}

/** The login that may do everything, to play someone who broke in. */
export function superuserUrl(dataDir: string): string {
  return databaseUrl(dataDir, "superuser", "postgres");
}

function databaseUrl(dataDir: string, secret: "app" | "superuser", login: string): string {
  const home = join(dataDir, "postgres");
  const secrets: Record<typeof secret, string> = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8"));
  const port = readFileSync(join(home, "port"), "utf8").trim();
  return `postgres://${login}:${encodeURIComponent(secrets[secret])}@127.0.0.1:${port}/ziggurat`;
}

function jobRequest(model: string, dataset: string): CreateJobInput {
  const architecture = { hiddenSize: 32, layers: 2, heads: 2, kvHeads: 2, headDim: 16, intermediateSize: 64 };
  return {
    kind: "pretrain",
    model,
    method: "pretrain",
    datasets: [dataset],
    hyperparameters: { vocabSize: 400, architecture, learningRate: 0.003 },
  };
}
