import { z } from "zod";
import { FilePath, idOf, Timestamp, VersionRef } from "./primitives.js";
import { SealDifference } from "./seals.js";

export const VerificationId = idOf("verification");
export type VerificationId = z.infer<typeof VerificationId>;

/** How the bytes in the store and the rows compare with what was sealed. `failed`: they could not be read to the end, so nothing is known. */
export const VERIFICATION_STATES = ["queued", "running", "intact", "damaged", "failed"] as const;
export const VerificationState = z.enum(VERIFICATION_STATES);
export type VerificationState = z.infer<typeof VerificationState>;

export const FILE_PROBLEMS = ["missing", "size", "digest"] as const;
export const FileProblem = z.enum(FILE_PROBLEMS);
export type FileProblem = z.infer<typeof FileProblem>;

/** One reading of every file of a version, from the store, against its sealed digests, and of its rows against the sealed record. */
export const Verification = z.strictObject({
  id: VerificationId,
  version: VersionRef,
  state: VerificationState,
  cause: z.enum(["asked", "schedule"]),
  requestedBy: z.string(),
  bytesDone: z.number().int(),
  bytesTotal: z.number().int(),
  /** The first file that is not what was sealed, in order of paths. */
  firstBad: z.strictObject({ path: FilePath, problem: FileProblem }).nullable(),
  /** What the rows say that the record made at the sealing does not: its derivations, its data, its own facts. */
  altered: z.array(SealDifference),
  /** Why the bytes could not be read. */
  detail: z.string().nullable(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
});
export type Verification = z.infer<typeof Verification>;
