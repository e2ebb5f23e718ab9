import { z } from "zod";
import { idOf, Slug, Timestamp } from "./primitives.js";
import { Sensitivity, Tier } from "./vocabulary.js";

export const DRIVERS = ["local", "slurm", "ray", "kubernetes"] as const;
export const Driver = z.enum(DRIVERS);
export type Driver = z.infer<typeof Driver>;

const AbsolutePath = z
  .string()
  .max(1000)
  .regex(/^\/[^\0\n\r'"\\]*$/, "must be an absolute path without quotes");
const Name = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, "must be a name of letters, digits, dots and dashes");
const HttpUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });

/** Where the nodes of a cluster find runner and trainer, and keep runs; one disk that all of them share. */
const NodeFolders = {
  workDir: AbsolutePath,
  /** Interpreter that can import the trainer. */
  python: AbsolutePath,
  runner: AbsolutePath,
  /** Folders put before the interpreter's own on `PYTHONPATH`. */
  trainerPath: z.array(AbsolutePath).max(16).default([]),
  /** The same `workDir` as this platform sees it, where it does: output of runs is then read from there. */
  mountedAt: AbsolutePath.nullable().default(null),
};

/** How a Slurm cluster is spoken to: slurmrestd with a JWT, or its commands on a machine of the platform that has them. */
export const SlurmConnection = z.strictObject({
  driver: z.literal("slurm"),
  /** Address of slurmrestd; null uses `sbatch`, `squeue`, `scontrol` and `scancel` of this machine. */
  url: HttpUrl.nullable(),
  /** User that jobs run as, with the token of the credentials. */
  user: Name,
  /** `slurm.conf` for the commands; null leaves it to the machine. */
  configFile: AbsolutePath.nullable().default(null),
  /** Folder with Slurm's commands, of this machine and of its nodes, where they are not in the usual ones. */
  commands: AbsolutePath.nullable().default(null),
  partition: Name.nullable().default(null),
  account: Name.nullable().default(null),
  qos: Name.nullable().default(null),
  ...NodeFolders,
});
export type SlurmConnection = z.infer<typeof SlurmConnection>;

/** The Jobs API of a Ray head. It takes any command from anybody, so it belongs behind a wall. */
export const RayConnection = z.strictObject({ driver: z.literal("ray"), url: HttpUrl, ...NodeFolders });
export type RayConnection = z.infer<typeof RayConnection>;

/** What a run becomes on Kubernetes. A plain `Job` of several nodes may be placed in part, so it needs a Kueue queue. */
export const KUBERNETES_KINDS = ["Job", "TrainJob", "VolcanoJob"] as const;
export const KubernetesConnection = z.strictObject({
  driver: z.literal("kubernetes"),
  server: HttpUrl,
  /** PEM of the authority that signed the server's certificate; null trusts the machine's. */
  certificateAuthority: z.string().max(20_000).nullable().default(null),
  namespace: Name,
  kind: z.enum(KUBERNETES_KINDS).default("Job"),
  /** Image with runner and trainer. */
  image: z.string().min(1).max(500),
  /** Kueue's LocalQueue, or Volcano's queue. */
  queue: Name.nullable().default(null),
  priorityClass: Name.nullable().default(null),
  /** Whom pods run as. It needs no rights. */
  serviceAccount: Name.nullable().default(null),
  /** Trainer's runtime that a `TrainJob` refers to. */
  runtime: Name.default("torch-distributed"),
  /** Claim that keeps checkpoints between the attempts of a job; null keeps them in the pod, so that the next attempt starts anew. */
  volumeClaim: Name.nullable().default(null),
  gpuResource: z.string().max(253).default("nvidia.com/gpu"),
  /** Node label that names the GPU type. */
  gpuTypeLabel: z.string().max(253).default("nvidia.com/gpu.product"),
});
export type KubernetesConnection = z.infer<typeof KubernetesConnection>;

export const LocalConnection = z.strictObject({ driver: z.literal("local") });

export const ClusterConnection = z.discriminatedUnion("driver", [LocalConnection, SlurmConnection, RayConnection, KubernetesConnection]);
export type ClusterConnection = z.infer<typeof ClusterConnection>;

/** Secrets of a connection: written, never read. Slurm's JWT, a bearer token for the Jobs API behind a proxy, a service account's token. */
export const ClusterCredentials = z.strictObject({ token: z.string().min(1).max(20_000) });
export type ClusterCredentials = z.infer<typeof ClusterCredentials>;

/** What planning and placement need to know of a cluster, as its operators state it. */
export const ClusterFacts = z.strictObject({
  location: z.string().max(100).nullable().default(null),
  gpuType: z.string().max(100).nullable().default(null),
  gpuMemoryBytes: z.number().int().min(0).nullable().default(null),
  /** Between the GPUs of one node, in bytes per second. */
  interconnect: z.enum(["nvlink", "pcie", "none"]).default("none"),
  interconnectBytesPerSecond: z.number().min(0).nullable().default(null),
  /** Between nodes. */
  network: z.enum(["infiniband", "roce", "ethernet"]).default("ethernet"),
  networkBytesPerSecond: z.number().min(0).nullable().default(null),
  storageBytesPerSecond: z.number().min(0).nullable().default(null),
});
export type ClusterFacts = z.infer<typeof ClusterFacts>;

/** Whose work may be placed on it, and what data may lie on its nodes. */
export const ClusterAdmits = z.strictObject({
  tiers: z.array(Tier).min(1).default(["foundation", "finance", "institution"]),
  sensitivities: z.array(Sensitivity).default(["public", "internal", "confidential", "personal"]),
});
export type ClusterAdmits = z.infer<typeof ClusterAdmits>;

export const Cluster = z.strictObject({
  id: idOf("cluster"),
  name: z.string(),
  driver: Driver,
  slots: z.number().int(),
  /** Places taken, by all institutions for the platform's people and by their own jobs for everybody else. */
  used: z.number().int(),
  healthy: z.boolean(),
  /** Why it is not healthy and what to do, in words. */
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  checkedAt: Timestamp,
  device: z.string().nullable(),
});
export type Cluster = z.infer<typeof Cluster>;
export const ClusterName = Slug;
