import { Evaluation, Job, Version } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { type Built, type BuiltTask, demoReport, type ReportInput } from "./report.js";
import { figureLines } from "./show/figures.js";

const at = "2026-01-01T00:00:00Z";
const id = (prefix: string, number: number) => `${prefix}_${number.toString(16).padStart(32, "0")}`;

const aJob = (number: number, facts: Partial<Record<keyof Job, unknown>>): Job =>
  Job.parse({
    id: id("job", number),
    kind: "tune",
    method: "full",
    tier: "institution",
    model: "northbank/intent",
    owner: "northbank",
    parent: null,
    datasets: [],
    evaluateOn: [],
    hyperparameters: {},
    seed: 1,
    reason: "",
    priority: "standard",
    resources: { nodes: 1, gpusPerNode: 0, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null },
    window: null,
    maxSeconds: null,
    maxCost: null,
    placement: null,
    preemptions: 0,
    yielding: null,
    state: "succeeded",
    stateReason: null,
    history: [],
    requestedBy: { id: id("usr", 1), name: "Pat" },
    approvals: [],
    estimate: null,
    waiting: [],
    position: null,
    startRange: null,
    attempts: [],
    progress: null,
    version: null,
    evaluationJobs: [],
    evaluationFailed: false,
    flaggedBy: null,
    tokens: 1000,
    trainSeconds: 50.5,
    tokensPerSecond: 8000,
    moves: [],
    lastEventSeq: 0,
    createdAt: at,
    startedAt: at,
    finishedAt: "2026-01-01T00:01:40Z",
    ...facts,
  });
const aVersion = (model: string, number: number): Version =>
  Version.parse({
    id: id("ver", 1),
    ref: `${model}@${number}`,
    isHeld: false,
    purged: null,
    model,
    number,
    tier: "institution",
    owner: "northbank",
    state: "released",
    artifactKind: "full",
    rootDigest: null,
    sizeBytes: 1,
    fileCount: 1,
    parameters: 2_012_345,
    notes: "",
    parents: [],
    datasets: [],
    job: null,
    method: "full",
    gates: [],
    approvers: { required: 0, given: 0 },
    contributors: [],
    moves: [],
    aliases: [],
    effectiveTerms: { commercialUse: true, redistribution: true, regions: [] },
    createdAt: at,
    createdBy: "Pat",
    sealedAt: at,
    releasedAt: at,
  });
const anEvaluation = (version: string, dataset: string, score: { perplexity?: number; exactMatch?: number }): Evaluation =>
  Evaluation.parse({
    id: id("evl", 1),
    version,
    dataset,
    format: score.perplexity === undefined ? "chat" : "text",
    job: id("job", 9),
    owner: "northbank",
    rootDigest: "0".repeat(64),
    rows: 240,
    exactMatch: score.exactMatch ?? null,
    perplexity: score.perplexity ?? null,
    createdAt: at,
  });

const text = (model: string, general: number, finance: number, parent: string | null): Built => ({
  version: aVersion(model, 2),
  job: aJob(1, { kind: "pretrain", model, parent }),
  evaluations: [
    anEvaluation(`${model}@2`, "finance/held-out@1", { perplexity: finance }),
    anEvaluation(`${model}@2`, "foundation/held-out@1", { perplexity: general }),
  ],
});
const task: BuiltTask = {
  version: aVersion("northbank/intent", 4),
  job: aJob(2, { parent: "finance/ledger@2", method: "lora" }),
  evaluations: [anEvaluation("northbank/intent@4", "northbank/held-out@1", { exactMatch: 0.9 })],
  heldOut: "northbank/held-out@1",
  parentEvaluations: [anEvaluation("finance/ledger@2", "northbank/held-out@1", { exactMatch: 0 })],
  parentJob: aJob(3, { kind: "evaluate", method: "evaluate" }),
};
const anInput = (tasks: readonly BuiltTask[]): ReportInput => ({
  url: "http://127.0.0.1:7410",
  seconds: 200.5,
  foundation: text("foundation/base", 3, 12, null),
  finance: text("finance/ledger", 3.3, 4, "foundation/base@2"),
  tasks,
  jobs: [aJob(1, { kind: "pretrain" }), aJob(4, { kind: "evaluate", method: "evaluate", trainSeconds: null, tokensPerSecond: null })],
  generalHeldOut: "foundation/held-out@1",
  financeHeldOut: "finance/held-out@1",
  lineage: { nodes: [], edges: [] },
});

describe("the demo's report", () => {
  it("has exactly the fixed form, every figure taken from the platform's answers", () => {
    expect(demoReport(anInput([task]))).toEqual({
      url: "http://127.0.0.1:7410",
      seconds: 200.5,
      foundation: { ref: "foundation/base", version: 2, parameters: 2_012_345, metrics: { generalPerplexity: 3, financePerplexity: 12 } },
      finance: { ref: "finance/ledger", version: 2, base: "foundation/base@2", metrics: { generalPerplexity: 3.3, financePerplexity: 4 } },
      tasks: [
        {
          ref: "northbank/intent",
          version: 4,
          base: "finance/ledger@2",
          method: "lora",
          evaluation: { rows: 240, exactMatch: 0.9, parentExactMatch: 0 },
        },
      ],
      jobs: [
        { id: id("job", 1), kind: "pretrain", seconds: 50.5, tokensPerSecond: 8000 },
        { id: id("job", 4), kind: "evaluate", seconds: 100, tokensPerSecond: null },
      ],
      lineage: { nodes: [], edges: [] },
    });
  });

  it("is refused when a figure is missing, never filled in", () => {
    expect(() => demoReport(anInput([{ ...task, parentEvaluations: [] }]))).toThrow(/evaluation on northbank\/held-out@1/);
    expect(() =>
      demoReport(anInput([{ ...task, evaluations: task.parentEvaluations.map((each) => ({ ...each, exactMatch: null })) }])),
    ).toThrow(/exact match/);
  });

  it("is shown as a table with numbers to the right", () => {
    const input = anInput([task]);
    const lines = figureLines(demoReport(input), { finance: 2_012_345, tasks: input.tasks });
    expect(lines[4]).toMatch(/^northbank\/intent@4 +lora +2,012,345 +– +– +240 +90\.0% +0\.0%$/);
    expect(new Set(lines.slice(0, 5).map((line) => line.length)).size).toBe(1);
  });
});
