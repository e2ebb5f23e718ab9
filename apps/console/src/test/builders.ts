import {
  AliasProtection,
  type Attempt,
  Dataset,
  Import,
  Inspection,
  Job,
  type Lineage,
  type LineageEdge,
  type LineageNode,
  Me,
  Model,
  type Pyramid,
  Quota,
  SCOPES,
  SCOPES_OF_ROLE,
  Version,
} from "@ziggurat/contracts";

const at = "2026-11-24T12:00:00.000Z";
const hex = (last: string) => last.padStart(32, "0");
export const DIGEST = "ab".repeat(32);

/** Builders give a valid thing and show only what matters to the test. */
export function aMe(over: Partial<Me> = {}): Me {
  const roles = over.roles ?? (["platform_engineer", "platform_admin"] as const);
  return {
    ...Me.parse({
      id: `usr_${hex("1")}`,
      email: "wei@ziggurat.example",
      name: "Wei Zhou",
      institution: { slug: "platform", name: "Platform" },
      roles,
      scopes: SCOPES.filter((scope) => roles.some((role) => SCOPES_OF_ROLE[role].includes(scope))),
      csrfToken: "token-1",
      hasPassword: true,
      mustChangePassword: false,
    }),
    ...over,
  };
}

export function aModel(over: Partial<Model> = {}): Model {
  return {
    ...Model.parse({
      id: `mod_${hex("1")}`,
      ref: "finance/ledger",
      namespace: "finance",
      slug: "ledger",
      tier: "finance",
      name: "Ledger",
      owner: "platform",
      card: {},
      cardCompleteness: 0.4,
      cardGaps: ["limits", "contact", "languages"],
      licence: "Apache-2.0",
      terms: {},
      scenario: null,
      tags: [],
      versions: 1,
      latest: "finance/ledger@1",
      latestState: "released",
      aliases: {},
      createdAt: at,
      updatedAt: at,
    }),
    ...over,
  };
}

export function aProtection(over: Partial<AliasProtection> = {}): AliasProtection {
  return {
    ...AliasProtection.parse({
      name: "champion",
      isProtected: true,
      roles: ["platform_engineer", "platform_admin"],
      secondPerson: false,
      choices: ["platform_engineer", "platform_admin"],
      mayChange: true,
      set: null,
    }),
    ...over,
  };
}

export function aVersion(over: Partial<Version> = {}): Version {
  return {
    ...Version.parse({
      id: `ver_${hex("1")}`,
      ref: "finance/ledger@1",
      model: "finance/ledger",
      number: 1,
      tier: "finance",
      owner: "platform",
      state: "sealed",
      artifactKind: "full",
      rootDigest: DIGEST,
      sizeBytes: 48_000_000,
      fileCount: 3,
      parameters: 2_000_000,
      notes: "",
      parents: [],
      datasets: [],
      job: null,
      method: null,
      gates: [],
      contributors: [],
      approvers: { required: 0, given: 0 },
      moves: [],
      aliases: [],
      effectiveTerms: {},
      isHeld: false,
      purged: null,
      createdAt: at,
      createdBy: "Wei Zhou",
      sealedAt: at,
      releasedAt: null,
    }),
    ...over,
  };
}

export function anInspection(over: Partial<Inspection> = {}): Inspection {
  return {
    ...Inspection.parse({
      schema: "ziggurat.inspection/1",
      family: { name: "qwen3", standsOn: null, modelType: "qwen3", architectures: ["Qwen3ForCausalLM"] },
      architecture: {
        hiddenSize: 256,
        layers: 4,
        heads: 4,
        kvHeads: 2,
        vocabulary: 4000,
        maxPositions: 1024,
        experts: null,
        tiedEmbeddings: true,
      },
      weights: {
        parameters: 2_012_345,
        tensors: 40,
        bytes: 8_049_380,
        shards: 1,
        dtypes: [{ dtype: "F32", tensors: 40, numbers: 2_012_345 }],
      },
      tokenizer: { present: true, chatTemplate: "tokenizer_config.json" },
      remoteCode: [],
      adapter: null,
      card: null,
      findings: [],
    }),
    ...over,
  };
}

export function aDataset(over: Partial<Dataset> = {}): Dataset {
  return {
    ...Dataset.parse({
      id: `dst_${hex("1")}`,
      ref: "northbank/intents",
      namespace: "northbank",
      slug: "intents",
      name: "Intents",
      format: "chat",
      licence: "CC0-1.0",
      legalBasis: "own_generation",
      sensitivity: "internal",
      owner: "northbank",
      languages: ["en"],
      description: "",
      versions: 1,
      latest: "northbank/intents@1",
      createdAt: at,
    }),
    ...over,
  };
}

export const IMPORT_ID = `imp_${hex("9")}`;

export function anImport(over: Partial<Import> = {}): Import {
  return {
    ...Import.parse({
      id: IMPORT_ID,
      model: "foundation/base",
      tier: "foundation",
      owner: "platform",
      source: { kind: "huggingface", repo: "org/model", revision: "main" },
      exclude: [],
      artifactKind: "full",
      parents: [],
      notes: "",
      seal: false,
      state: "transferring",
      revision: "c".repeat(40),
      files: { done: 1, total: 4 },
      bytes: { done: 250_000_000, total: 1_000_000_000 },
      bytesPerSecond: 50_000_000,
      secondsLeft: 15,
      failure: null,
      version: null,
      moves: [
        { action: "cancel", allowed: true, reason: null },
        { action: "retry", allowed: false, reason: "the import is transferring" },
      ],
      requestedBy: { id: `usr_${hex("1")}`, name: "Wei Zhou" },
      createdAt: at,
      startedAt: at,
      finishedAt: null,
    }),
    ...over,
  };
}

export const JOB_ID = `job_${hex("7")}`;

export function aJob(over: Partial<Job> = {}): Job {
  return {
    ...Job.parse({
      id: JOB_ID,
      kind: "tune",
      method: "lora",
      tier: "institution",
      model: "northbank/aml",
      owner: "northbank",
      parent: "finance/ledger@1",
      datasets: [],
      evaluateOn: [],
      hyperparameters: {},
      seed: 1,
      reason: "",
      state: "running",
      stateReason: null,
      history: [
        { state: "queued", at, reason: null },
        { state: "running", at, reason: null },
      ],
      requestedBy: { id: `usr_${hex("2")}`, name: "Li Wei" },
      approvals: [],
      estimate: null,
      priority: "standard",
      resources: { nodes: 1, gpusPerNode: 0, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null },
      window: null,
      maxSeconds: null,
      maxCost: null,
      placement: null,
      preemptions: 0,
      yielding: null,
      waiting: [],
      position: null,
      startRange: null,
      attempts: [],
      progress: null,
      version: null,
      evaluationJobs: [],
      evaluationFailed: false,
      flaggedBy: null,
      tokens: null,
      trainSeconds: null,
      tokensPerSecond: null,
      moves: [],
      lastEventSeq: 10,
      createdAt: at,
      startedAt: at,
      finishedAt: null,
    }),
    ...over,
  };
}

export function anAttempt(over: Partial<Attempt> = {}): Attempt {
  const job = Job.shape.attempts.element.parse({
    id: `att_${hex("1")}`,
    number: 1,
    key: "zig-1",
    cluster: "local",
    externalId: null,
    state: "running",
    exitCode: null,
    failure: null,
    createdAt: at,
    startedAt: at,
    endedAt: null,
    lastHeardAt: at,
  });
  return { ...job, ...over };
}

export function aNode(ref: string, over: Partial<LineageNode> = {}): LineageNode {
  const namespace = ref.split("/")[0] ?? "";
  const tier = namespace === "foundation" || namespace === "finance" ? namespace : "institution";
  return {
    id: ref,
    kind: "version",
    ref,
    name: ref,
    tier,
    owner: tier === "institution" ? namespace : "platform",
    state: "released",
    artifactKind: "full",
    rootDigest: DIGEST,
    distance: 0,
    gates: "passed",
    ...over,
  };
}

export function anEdge(child: string, parent: string, over: Partial<LineageEdge> = {}): LineageEdge {
  return { child, parent, relation: "finetuned_from", seal: "sealed", job: null, parentDigest: DIGEST, createdAt: at, ...over };
}

export function aLineage(focus: string, over: Partial<Lineage> = {}): Lineage {
  return {
    focus,
    nodes: [aNode(focus)],
    edges: [],
    counts: { ancestors: 0, descendants: 0, institutions: 0 },
    nextCursor: null,
    external: [],
    ...over,
  };
}

/** Columns of a pyramid from rows of `[ref, state, index of first parent]`. */
export function aPyramid(rows: readonly (readonly [string, Pyramid["state"][number], number])[] = []): Pyramid {
  const tierOf = (ref: string) => ["foundation", "finance"].indexOf(ref.split("/")[0] ?? "");
  const slugs = [...new Set(rows.map(([ref]) => ref.split("/")[0] ?? "").filter((slug) => slug !== "foundation" && slug !== "finance"))];
  const tier = rows.map(([ref]) => (tierOf(ref) < 0 ? 2 : tierOf(ref)));
  const count = (wanted: number) => tier.filter((value) => value === wanted).length;
  return {
    totals: { foundation: count(0), finance: count(1), institution: count(2) },
    truncated: false,
    institutions: slugs.map((slug) => ({ slug, name: slug })),
    ref: rows.map(([ref]) => ref),
    tier,
    institution: rows.map(([ref]) => slugs.indexOf(ref.split("/")[0] ?? "")),
    state: rows.map(([, state]) => state),
    parent: rows.map(([, , parent]) => parent),
  };
}

/** An institution without limits. */
export function aQuota(over: Partial<Quota> = {}): Quota {
  return {
    ...Quota.parse({
      institution: "northbank",
      revision: 0,
      limits: null,
      period: "2026-11",
      currency: "CNY",
      uses: [],
      setAt: null,
      setBy: null,
      whoCanRaise: { propose: [], decide: [] },
      mayPropose: false,
      mayDecide: false,
    }),
    ...over,
  };
}
