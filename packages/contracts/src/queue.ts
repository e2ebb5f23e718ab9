import { z } from "zod";
import { CleanUpId } from "./clean-ups.js";
import { ExitId, InstitutionExportId } from "./exits.js";
import { GarbageCollectionId } from "./garbage.js";
import { ImportId } from "./imports.js";
import { VerificationId } from "./integrity.js";
import { JobId } from "./primitives.js";
import { RecallId } from "./recalls.js";

/** Name of the one BullMQ queue. */
export const QUEUE = "ziggurat";

/**
 * Every kind of queued work: payload, attempts, back-off. Payloads carry ids only, the row in Postgres is the truth,
 * so a message delivered twice, late or never is harmless. At start the worker checks one handler per name.
 */
export const QUEUE_JOBS = {
  /** Looks at the job's row and takes the next step it allows. */
  "job.advance": { payload: z.strictObject({ jobId: JobId }), attempts: 3, backoffMs: 1000 },
  /** Blocks or restores the next versions of a recall, until none is left. */
  "recall.advance": { payload: z.strictObject({ recallId: RecallId }), attempts: 5, backoffMs: 1000 },
  /** Drops the files of the next versions of a clean-up, until none is left. */
  "clean-up.advance": { payload: z.strictObject({ cleanUpId: CleanUpId }), attempts: 5, backoffMs: 1000 },
  /** Reads every file of a version from the store and compares digests. */
  "version.verify": { payload: z.strictObject({ verificationId: VerificationId }), attempts: 3, backoffMs: 5000 },
  /** Looks at the import's row, and transfers what it still wants. */
  "import.advance": { payload: z.strictObject({ importId: ImportId }), attempts: 3, backoffMs: 1000 },
  /** Removes the next files that nothing refers to, until none is left. */
  "garbage.collect": { payload: z.strictObject({ collectionId: GarbageCollectionId }), attempts: 3, backoffMs: 5000 },
  /** Goes on with the archive of an institution, until it is signed. */
  "institution.export": { payload: z.strictObject({ exportId: InstitutionExportId }), attempts: 3, backoffMs: 5000 },
  /** Erases the next of an institution that has left, until nothing but its tombstones is there. */
  "institution.erase": { payload: z.strictObject({ exitId: ExitId }), attempts: 5, backoffMs: 2000 },
} as const satisfies Record<string, { payload: z.ZodType; attempts: number; backoffMs: number }>;
export type QueueJobName = keyof typeof QUEUE_JOBS;
export type QueuePayload<N extends QueueJobName> = z.infer<(typeof QUEUE_JOBS)[N]["payload"]>;
