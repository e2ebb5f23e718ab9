import { z } from "zod";
import { Timestamp } from "./primitives.js";

/**
 * How long work may wait. `ordered`: evaluations that another job waits for; the platform alone gives it. `interactive`: short work that
 * somebody waits for. `standard`: everything else. `bulk`: campaigns and whatever may run when nothing else does.
 */
export const PRIORITY_CLASSES = ["ordered", "interactive", "standard", "bulk"] as const;
export const PriorityClass = z.enum(PRIORITY_CLASSES);
export type PriorityClass = z.infer<typeof PriorityClass>;
/** Those that may be asked for. */
export const ASKED_CLASSES = ["interactive", "standard", "bulk"] as const satisfies PriorityClass[];

/** What a job takes: the same on each of its nodes, on all of them at once. With no GPU it takes a CPU place for each node. */
export const JobResources = z.strictObject({
  nodes: z.number().int().min(1).max(10_000).default(1),
  gpusPerNode: z.number().int().min(0).max(1000).default(0),
  /** As clusters name it; null takes any. */
  gpuType: z.string().trim().min(1).max(100).nullable().default(null),
  cpusPerNode: z.number().int().min(1).max(10_000).default(1),
  /** MiB of main memory on each node; null leaves it to the engine. */
  memoryMbPerNode: z.number().int().min(1).max(100_000_000).nullable().default(null),
});
export type JobResources = z.infer<typeof JobResources>;

/** Equal nodes of a cluster, counted together. Without a GPU type: CPU places. */
export const NodePool = z.strictObject({
  name: z.string().min(1).max(100),
  gpuType: z.string().trim().min(1).max(100).nullable().default(null),
  gpuMemoryBytes: z.number().int().min(0).nullable().default(null),
  nodes: z.number().int().min(0).max(100_000),
  /** GPUs of a node, or its CPU places. */
  unitsPerNode: z.number().int().min(0).max(10_000),
  /** Null: not counted. */
  cpusPerNode: z.number().int().min(1).nullable().default(null),
  memoryMbPerNode: z.number().int().min(1).nullable().default(null),
});
export type NodePool = z.infer<typeof NodePool>;

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const Clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "a time of day as HH:MM");

/**
 * When a job may run: on these days from one time of day until another, past midnight where `until` is not later than `from`; equal times are
 * a whole day. Times are those of a fixed offset from UTC. Outside of it the job waits, and a run that can be saved is put back.
 */
export const JobWindow = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .max(7)
    .default([...WEEKDAYS]),
  from: Clock,
  until: Clock,
  utcOffset: z
    .string()
    .regex(/^[+-](0[0-9]|1[0-4]):[0-5][0-9]$/, "an offset from UTC as +HH:MM")
    .default("+00:00"),
});
export type JobWindow = z.infer<typeof JobWindow>;

/** Why a cluster did not take a job. Down to `gang` the cluster never will as both are; the others pass, or were a matter of choice. */
export const PLACEMENT_REJECTIONS = [
  "tier",
  "data_class",
  "location",
  "gpu_type",
  "gpu_memory",
  "too_large",
  "gang",
  "unhealthy",
  "drained",
  "checkpoint",
  "full",
  "costlier",
  "busier",
] as const;
export const PlacementRejection = z.enum(PLACEMENT_REJECTIONS);
export type PlacementRejection = z.infer<typeof PlacementRejection>;

/** Why a cluster took it: no other may, its checkpoints lie there, it alone had room, it costs least, it is least busy. */
export const PLACEMENT_GROUNDS = ["only_match", "checkpoint", "free", "cheapest", "least_busy"] as const;
export const PlacementGround = z.enum(PLACEMENT_GROUNDS);
export type PlacementGround = z.infer<typeof PlacementGround>;

/** The decision which cluster runs a job, as it was taken. */
export const Placement = z.strictObject({
  cluster: z.string(),
  chosenBecause: PlacementGround,
  rejected: z.array(z.strictObject({ cluster: z.string(), code: PlacementRejection, detail: z.string() })),
});
export type Placement = z.infer<typeof Placement>;

/** Why the platform itself asks a run to save and stop: other work goes first, its window closed, or a guard of its own is broken. */
export const YIELD_KINDS = ["class", "give_back", "floor", "reservation", "window", "guard"] as const;
export const YieldKind = z.enum(YIELD_KINDS);
export type YieldKind = z.infer<typeof YieldKind>;
export const Yielding = z.strictObject({ kind: YieldKind, detail: z.string(), since: Timestamp });
export type Yielding = z.infer<typeof Yielding>;

/** Why a job waits. `packages/scheduling` makes the reasons, the console has the words. */
export const WAIT_CODES = [
  // For people, for other work, or for the job's own time.
  "approval",
  "paused",
  "held",
  "dependency",
  "evaluation",
  "window",
  "backoff",
  // For its turn.
  "quota",
  "priority",
  "fair_share",
  // For room.
  "capacity",
  "gang",
  "floor",
  "reservation",
  "yielding",
  // For a cluster that may take it.
  "no_cluster",
  "tier",
  "data_class",
  "location",
  "gpu_type",
  "gpu_memory",
  "too_large",
  "cluster_unhealthy",
  "cluster_drained",
  // At its engine.
  "engine",
] as const;
