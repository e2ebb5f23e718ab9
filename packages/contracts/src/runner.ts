import { z } from "zod";
import { FilePath, Sha256 } from "./primitives.js";
import { ResultFile, TrainerEvent, TrainerResult, TrainerSpec } from "./trainer.js";

/** `GET {ZIGGURAT_JOB_URL}/spec`: what the runner does on the node. */
export const RunSpec = z.strictObject({
  schema: z.literal("ziggurat.run/1"),
  /** Written as `spec.json`; its relative paths are the `path`s of `inputs`. */
  trainer: TrainerSpec,
  /** Files to fetch by digest from `{url}/blobs/{sha256}` and to lay at `path`. */
  inputs: z.array(z.strictObject({ path: FilePath, sha256: Sha256, sizeBytes: z.number().int().min(0) })),
  /** Program to start. `{python}`, `{spec}` and `{out}` are replaced; any trainer image runs the same way. */
  command: z.array(z.string().min(1)).min(1),
  limits: z.strictObject({
    seconds: z.number().int().min(1),
    heartbeatSeconds: z.number().int().min(1).max(300),
  }),
});
export type RunSpec = z.infer<typeof RunSpec>;

/** `POST {url}/events`. An empty batch is a heartbeat. */
export const EventBatch = z.strictObject({ events: z.array(TrainerEvent).max(1000) });
export type EventBatch = z.infer<typeof EventBatch>;

/** Answer to a batch: the highest sequence number stored, and what the runner must do. */
export const EventAnswer = z.strictObject({
  acknowledged: z.number().int().min(0),
  command: z.enum(["cancel", "pause"]).nullable(),
});
export type EventAnswer = z.infer<typeof EventAnswer>;

/** `POST {url}/manifest`: seals the result. Repeating it changes nothing and answers the same. */
export const Manifest = z.strictObject({
  schema: z.literal("ziggurat.manifest/1"),
  files: z.array(ResultFile).min(1),
  result: TrainerResult,
});
export type Manifest = z.infer<typeof Manifest>;
export const ManifestAnswer = z.strictObject({ version: z.string().nullable(), rootDigest: Sha256.nullable() });
export type ManifestAnswer = z.infer<typeof ManifestAnswer>;

/** Header of a partial upload: `Content-Range: bytes 0-1048575/9000000`. `HEAD` answers where to go on. */
export const UPLOAD_OFFSET_HEADER = "upload-offset";
/** `?1` when every byte has arrived and the digest held, `?0` while parts are missing. */
export const UPLOAD_COMPLETE_HEADER = "upload-complete";
