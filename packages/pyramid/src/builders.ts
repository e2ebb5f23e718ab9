import { CreateJob, type CreateJobInput } from "@ziggurat/contracts";
import type { DatasetFacts, ModelFacts, Release, ViewerFacts } from "./facts.js";
import { PLATFORM } from "./facts.js";
import type { GateFacts } from "./gates.js";
import type { Account, Actor } from "./separation.js";

/** Valid things for tests; each takes only what the test is about. */
export function aRelease(given: Partial<Release> = {}): Release {
  const tier = given.tier ?? "finance";
  const model = given.model ?? (tier === "institution" ? "northbank/cards" : `${tier}/base`);
  return {
    ref: `${model}@1`,
    model,
    tier,
    owner: tier === "institution" ? "northbank" : PLATFORM,
    state: "released",
    isPurged: false,
    artifactKind: "full",
    rootDigest: "ab".repeat(32),
    parameters: 2_000_000,
    effectiveTerms: { commercialUse: true, redistribution: true, regions: [] },
    entitled: null,
    ...given,
  };
}

export function aModel(given: Partial<ModelFacts> = {}): ModelFacts {
  const tier = given.tier ?? "institution";
  return {
    ref: tier === "institution" ? "northbank/cards" : `${tier}/next`,
    tier,
    owner: tier === "institution" ? "northbank" : PLATFORM,
    licence: "Apache-2.0",
    terms: { commercialUse: true, redistribution: true, regions: [] },
    region: null,
    scenario: tier === "institution" ? "customer_service" : null,
    ...given,
  };
}

export function aViewer(given: Partial<ViewerFacts> = {}): ViewerFacts {
  return { roles: ["institution_admin"], institution: "northbank", ...given };
}

/** Somebody with an account of their own and nobody behind it. */
export function anActor(name: string, given: Partial<Account> = {}, behind: readonly Account[] = []): Actor {
  return { account: { id: `usr_${name}`, kind: "person", keys: [`address ${name}@bank.example`], ...given }, behind };
}

export function aDataset(given: Partial<DatasetFacts> = {}): DatasetFacts {
  return {
    ref: "northbank/dialogues@1",
    owner: "northbank",
    format: "chat",
    sha256: "cd".repeat(32),
    isWithdrawn: false,
    isPurged: false,
    ...given,
  };
}

export function aRequest(given: Partial<CreateJobInput> = {}): CreateJob {
  return CreateJob.parse({
    kind: "tune",
    model: "northbank/cards",
    parent: "finance/base@1",
    datasets: ["northbank/dialogues@1"],
    method: "lora",
    ...given,
  });
}

export function gateFacts(given: Partial<GateFacts> = {}): GateFacts {
  return {
    licence: null,
    scores: [],
    reference: null,
    trainedOn: [],
    ordered: [],
    evaluationFailed: false,
    remoteCode: [],
    withdrawnAncestors: [],
    ...given,
  };
}
