import { z } from "zod";
import { FailureClass } from "./failures.js";
import { ASKED_CLASSES, JobResources, JobWindow, Placement, PriorityClass, WAIT_CODES, Yielding } from "./placement.js";
import { AccountId, AttemptId, idOf, JobId, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Violation } from "./problem.js";
import { Currency, QuotaDimension } from "./quotas.js";
import { RecallId } from "./recalls.js";
import { Money } from "./statements.js";
import { JobAction, JobKind, JobState, Method, Tier } from "./vocabulary.js";

/**
 * Asks for a job. `model` is the line the work belongs to: the new version's model, or, for an evaluation, the line on whose
 * behalf `parent` is scored (an institution scores its base this way). `hyperparameters` is checked by the method's own schema.
 */
export const CreateJob = z.strictObject({
  kind: JobKind,
  model: ModelRef,
  parent: VersionRef.optional(),
  datasets: z.array(VersionRef).max(64).default([]),
  /** Held-out datasets the result is scored on before the job succeeds. */
  evaluateOn: z.array(VersionRef).max(16).default([]),
  /** Required for `pretrain` and `tune`; the other kinds have one method each. */
  method: Method.optional(),
  hyperparameters: z.record(z.string(), z.json()).default({}),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  priority: z.enum(ASKED_CLASSES).default("standard"),
  resources: JobResources.prefault({}),
  /** When it may run; left out, at any time. */
  window: JobWindow.optional(),
  /** Seconds that all its runs together may take; above that it is stopped. */
  maxSeconds: z
    .number()
    .int()
    .min(60)
    .max(90 * 24 * 3600)
    .optional(),
  /** What all its runs together may cost, in minor units; above that it is stopped. */
  maxCost: z.number().int().min(1).max(1_000_000_000_000_000).optional(),
  reason: z.string().max(2000).default(""),
});
export type CreateJob = z.infer<typeof CreateJob>;
export type CreateJobInput = z.input<typeof CreateJob>;

/** A simple estimate with its range; the planner will sharpen it. */
export const Estimate = z.strictObject({
  parameters: z.number().int().nullable(),
  tokens: z.number().int().nullable(),
  memoryBytes: z.number().int(),
  seconds: z.strictObject({ low: z.number(), high: z.number() }),
  /** How the number was found: the method and the measured runs behind it. */
  basis: z.string(),
});
export type Estimate = z.infer<typeof Estimate>;

/** Answer of `POST /plans`: what would happen, and every rule that stands in the way. Nothing is written. */
export const Plan = z.strictObject({
  estimate: Estimate.nullable(),
  needsApproval: z.boolean(),
  violations: z.array(Violation),
  /** What it may cost, in minor units; null without an estimate. */
  cost: z.strictObject({ currency: Currency, low: Money, high: Money }).nullable(),
  /** What it wants of the institution's quota, and what is left. Only what is limited. */
  quota: z.array(z.strictObject({ dimension: QuotaDimension, wanted: z.number(), left: z.number(), stop: z.number() })),
});
export type Plan = z.infer<typeof Plan>;

/** Why a job waits, as data; texts are made by code in the console. */
export const WaitReason = z.strictObject({
  code: z.enum(WAIT_CODES),
  wanted: z.number().nullable(),
  available: z.number().nullable(),
  until: Timestamp.nullable(),
  who: z.string().nullable(),
  detail: z.string(),
});
export type WaitReason = z.infer<typeof WaitReason>;

export const Attempt = z.strictObject({
  id: AttemptId,
  number: z.number().int(),
  key: z.string(),
  cluster: z.string(),
  externalId: z.string().nullable(),
  state: z.enum(["submitting", "queued", "scheduling", "running", "succeeded", "failed", "cancelled", "lost"]),
  exitCode: z.number().int().nullable(),
  failure: z.strictObject({ class: FailureClass, detail: z.string(), remedy: z.string() }).nullable(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  lastHeardAt: Timestamp.nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

export const Progress = z.strictObject({
  step: z.number().int(),
  steps: z.number().int(),
  tokensPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});
export type Progress = z.infer<typeof Progress>;

export const JobMove = z.strictObject({
  action: JobAction,
  allowed: z.boolean(),
  reason: z.string().nullable(),
  /** Of an approval that this viewer may not give, because of what they did themselves. */
  codes: z.array(z.string()),
});
export type JobMove = z.infer<typeof JobMove>;

export const Job = z.strictObject({
  id: JobId,
  kind: JobKind,
  method: Method,
  tier: Tier,
  model: ModelRef,
  owner: Slug,
  parent: VersionRef.nullable(),
  datasets: z.array(VersionRef),
  evaluateOn: z.array(VersionRef),
  hyperparameters: z.record(z.string(), z.json()),
  seed: z.number().int(),
  reason: z.string(),
  state: JobState,
  /** Why the state is what it is: a failure's detail, who cancelled. */
  stateReason: z.string().nullable(),
  history: z.array(z.strictObject({ state: JobState, at: Timestamp, reason: z.string().nullable() })),
  requestedBy: z.strictObject({ id: AccountId, name: z.string() }),
  approvals: z.array(z.strictObject({ id: idOf("user"), name: z.string(), at: Timestamp })),
  estimate: Estimate.nullable(),
  priority: PriorityClass,
  resources: JobResources,
  window: JobWindow.nullable(),
  maxSeconds: z.number().int().nullable(),
  maxCost: Money.nullable(),
  /** Which cluster took it and why; null until one has. */
  placement: Placement.nullable(),
  /** How often the platform put it back for other work. */
  preemptions: z.number().int(),
  /** Why its run is asked to save and stop, while it is. */
  yielding: Yielding.nullable(),
  waiting: z.array(WaitReason),
  /** Place in the queue from 1, while it waits. */
  position: z.number().int().nullable(),
  /** When it will start, as far as can be told. */
  startRange: z.strictObject({ earliest: Timestamp, latest: Timestamp }).nullable(),
  attempts: z.array(Attempt),
  progress: Progress.nullable(),
  /** The sealed version, once there is one. */
  version: VersionRef.nullable(),
  /** Evaluation jobs this job waits for, or that score its result. */
  evaluationJobs: z.array(JobId),
  evaluationFailed: z.boolean(),
  /** The recall that withdrew what the job works on while it ran. */
  flaggedBy: RecallId.nullable(),
  tokens: z.number().int().nullable(),
  trainSeconds: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
  moves: z.array(JobMove),
  /** Number of the last stored event: where a live stream goes on from. */
  lastEventSeq: z.number().int(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
});
export type Job = z.infer<typeof Job>;

export const ListJobs = PageQuery.extend({
  "filter[state]": JobState.optional(),
  "filter[kind]": JobKind.optional(),
  "filter[model]": ModelRef.optional(),
  "filter[open]": z.enum(["true", "false"]).optional(),
});
export type ListJobs = z.infer<typeof ListJobs>;

export const JobActionRequest = z.strictObject({ reason: z.string().max(2000).default("") });
export type JobActionRequest = z.infer<typeof JobActionRequest>;

/**
 * Events of `GET /jobs/{id}/events`: SSE `id` is `seq` of the job, `event` is `type`, `data` this object.
 * Types are the trainer's (`state` there means the runner's own), `job` when the job's state moved, and `end`.
 */
export const JobEvent = z.looseObject({ seq: z.number().int(), at: Timestamp, attempt: z.number().int().nullable(), type: z.string() });
export type JobEvent = z.infer<typeof JobEvent>;

export const LogsQuery = z.strictObject({
  /** First line wanted, from 0. Negative counts from the end. */
  offset: z.coerce.number().int().default(0),
  limit: z.coerce.number().int().min(1).max(5000).default(500),
  attempt: z.coerce.number().int().min(1).optional(),
  find: z.string().max(200).optional(),
});
export type LogsQuery = z.infer<typeof LogsQuery>;
export const LogLine = z.strictObject({
  line: z.number().int(),
  attempt: z.number().int(),
  at: Timestamp,
  stream: z.string(),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;
export const Logs = z.strictObject({ lines: z.array(LogLine), total: z.number().int(), nextOffset: z.number().int().nullable() });
export type Logs = z.infer<typeof Logs>;

export const MetricsQuery = z.strictObject({
  key: z.string().max(100).optional(),
  from: z.coerce.number().int().min(0).optional(),
  to: z.coerce.number().int().min(0).optional(),
  /** Most points per series; above that each bucket keeps first, minimum, maximum and last. */
  points: z.coerce.number().int().min(4).max(20_000).default(1000),
});
export type MetricsQuery = z.infer<typeof MetricsQuery>;
export const MetricSeries = z.strictObject({
  key: z.string(),
  count: z.number().int(),
  thinned: z.boolean(),
  points: z.array(z.strictObject({ step: z.number().int(), value: z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]) })),
});
export type MetricSeries = z.infer<typeof MetricSeries>;
export const Metrics = z.strictObject({ series: z.array(MetricSeries) });
export type Metrics = z.infer<typeof Metrics>;
