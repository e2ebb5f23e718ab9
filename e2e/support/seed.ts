import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Api, ensureDatasetVersion, ensureInstitution, ensureMember, ensureModel, releaseVersion, uploadBlob } from "@ziggurat/client";
import { type CreateJobInput, Job, paths, Version } from "@ziggurat/contracts";
import { type Person, people } from "./people.js";
import { tensors } from "./tensors.js";
import { financeRows, generalRows, intentRows } from "./texts.js";

/** What the seeded platform holds. */
export interface Seed {
  readonly foundation: string;
  readonly finance: string;
  readonly task: string;
  readonly taskJob: string;
  readonly generalText: string;
  readonly intents: string;
  readonly heldIntents: string;
}

export const signIn = (url: string, person: Person) => Api.signIn(url, people[person].email, people[person].password);

export const TINY = {
  vocabSize: 600,
  architecture: { hiddenSize: 48, layers: 2, heads: 3, kvHeads: 3, headDim: 16, intermediateSize: 96, maxPositions: 128 },
  epochs: 3,
  batchSize: 16,
  sequenceLength: 64,
  learningRate: 0.005,
} as const;
export const TUNE = { epochs: 6, batchSize: 16, sequenceLength: 64, learningRate: 0.01 } as const;

/** A foundation model, a finance model and a task model, all trained here, measured and released. */
export async function seedPyramid(url: string): Promise<Seed> {
  await seedPeople(url);
  const engineer = await signIn(url, "engineer");
  const releaser = await signIn(url, "reviewer");
  const member = await signIn(url, "northbankMember");
  const approver = await signIn(url, "northbankAdmin");

  const general = await text(engineer, "foundation", "general-text", generalRows(0, 600));
  const heldGeneral = await text(engineer, "foundation", "general-held", generalRows(5000, 60));
  const finance = await text(engineer, "finance", "finance-text", financeRows(0, 600));
  const heldFinance = await text(engineer, "finance", "finance-held", financeRows(5000, 60));
  const held = [heldGeneral, heldFinance];

  await ensureModel(engineer, { namespace: "foundation", slug: "atlas", tier: "foundation", name: "Atlas", licence: "Apache-2.0" });
  const atlas = await train(engineer, {
    kind: "pretrain",
    model: "foundation/atlas",
    method: "pretrain",
    datasets: [general],
    evaluateOn: held,
    hyperparameters: TINY,
  });
  await releaseVersion(engineer, releaser, atlas.version, "measured");

  await ensureModel(engineer, { namespace: "finance", slug: "ledger", tier: "finance", name: "Ledger" });
  const ledger = await train(engineer, {
    kind: "pretrain",
    model: "finance/ledger",
    parent: atlas.version,
    method: "continued",
    datasets: [finance, general],
    evaluateOn: held,
    hyperparameters: { epochs: 2, batchSize: 16, sequenceLength: 64, learningRate: 0.003 },
  });
  await releaseVersion(engineer, releaser, ledger.version, "better on finance");

  const intents = await chat(member, "northbank", "intents", intentRows(0, 400));
  const heldIntents = await chat(member, "northbank", "intents-held", intentRows(5000, 60));
  await ensureModel(approver, {
    namespace: "northbank",
    slug: "routing",
    tier: "institution",
    name: "Routing",
    scenario: "customer_service",
  });
  const routing = await train(
    member,
    {
      kind: "tune",
      model: "northbank/routing",
      parent: ledger.version,
      method: "full",
      datasets: [intents],
      evaluateOn: [heldIntents],
      hyperparameters: TUNE,
    },
    approver,
  );
  await releaseVersion(member, approver, routing.version, "better than its base");
  return {
    foundation: atlas.version,
    finance: ledger.version,
    task: routing.version,
    taskJob: routing.id,
    generalText: general,
    intents,
    heldIntents,
  };
}

async function seedPeople(url: string): Promise<void> {
  const admin = await signIn(url, "admin");
  await ensureMember(admin, "platform", people.engineer, "Pat Engineer", ["platform_engineer"]);
  await ensureMember(admin, "platform", people.reviewer, "Ruth Reviewer", ["compliance_reviewer"]);
  await ensureInstitution(admin, "northbank", "North Bank");
  await ensureInstitution(admin, "eastcap", "East Capital");
  await ensureMember(admin, "northbank", people.northbankAdmin, "Nora Admin", ["institution_admin", "compliance_reviewer"]);
  await ensureMember(admin, "northbank", people.northbankMember, "Ned Member", ["institution_member"]);
  await ensureMember(admin, "eastcap", people.eastcapAdmin, "Ella Admin", ["institution_admin", "compliance_reviewer"]);
  await ensureMember(admin, "eastcap", people.eastcapMember, "Eli Member", ["institution_member"]);
}

/** Requests a job, has it approved where that is asked, and waits for its version. */
export async function train(api: Api, request: CreateJobInput, approver?: Api): Promise<{ readonly id: string; readonly version: string }> {
  const job = await api.post(Job, paths.jobs(), request);
  if (approver !== undefined) await approver.post(Job, paths.jobAction(job.id, "approve"), { reason: "within budget" });
  const { version } = await finished(api, job.id);
  if (version === null) throw new Error(`job ${job.id} has no version`);
  return { id: job.id, version };
}

/** Waits for a job's end; throws what went wrong when it did not succeed. */
export async function finished(api: Api, id: string): Promise<Job> {
  for (;;) {
    const job = await api.get(Job, paths.job(id));
    if (job.state === "succeeded" && !job.evaluationFailed) return job;
    if (["succeeded", "failed", "cancelled"].includes(job.state))
      throw new Error(`job ${id} ${job.state}: ${JSON.stringify(job.attempts.at(-1)?.failure ?? job.stateReason)}`);
    await delay(250);
  }
}

/** A sealed version of a few bytes on a parent, registered and not trained. */
export async function sealed(api: Api, model: string, parent: string): Promise<string> {
  const weights = tensors({ "layer.weight": [4, 4] });
  const sha256 = createHash("sha256").update(weights).digest("hex");
  await uploadBlob(api, weights, () => undefined);
  const relation = parent.startsWith("foundation/") ? "pretrained_from" : "finetuned_from";
  const draft = await api.post(Version, paths.versions(model), {
    artifactKind: "full",
    parents: [{ version: parent, relation }],
    files: [{ path: "model.safetensors", sha256 }],
  });
  await api.post(Version, paths.transitions(draft.ref), { to: "sealed", reason: "" });
  return draft.ref;
}

async function text(api: Api, namespace: string, slug: string, rows: string): Promise<string> {
  return dataset(
    api,
    { namespace, slug, name: slug, format: "text", licence: "CC0-1.0", legalBasis: "own_generation", sensitivity: "public" },
    rows,
  );
}

async function chat(api: Api, namespace: string, slug: string, rows: string): Promise<string> {
  return dataset(
    api,
    { namespace, slug, name: slug, format: "chat", licence: "own", legalBasis: "own_generation", sensitivity: "internal" },
    rows,
  );
}

async function dataset(api: Api, request: Parameters<typeof ensureDatasetVersion>[1], rows: string): Promise<string> {
  const sha256 = await uploadBlob(api, new TextEncoder().encode(rows), () => undefined);
  return ensureDatasetVersion(api, request, sha256, "");
}
