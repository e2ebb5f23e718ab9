import { z } from "zod";
import { Terms } from "./models.js";
import { Sha256, Timestamp, VersionRef } from "./primitives.js";
import { ArtifactKind, Relation, Seal, Tier, VersionState } from "./vocabulary.js";

export const SEAL_FORMAT = "ziggurat-version-seal/1";

/** Where a version comes from, as it was sealed. `ref` is null where the row names a version of another institution. */
export const SealedParent = z.strictObject({
  ref: VersionRef.nullable(),
  relation: Relation,
  seal: Seal,
  rootDigest: Sha256.nullable(),
  job: z.string().nullable(),
});
export type SealedParent = z.infer<typeof SealedParent>;

/** Rows that a version learnt from, as it was sealed. */
export const SealedDataset = z.strictObject({ ref: VersionRef.nullable(), sha256: Sha256, job: z.string().nullable() });
export type SealedDataset = z.infer<typeof SealedDataset>;

/** What a version was when it was sealed. Its canonical JSON is hashed, and the digest stands in the audit entry of the sealing. */
export const SealRecord = z.strictObject({
  format: z.literal(SEAL_FORMAT),
  id: z.string(),
  ref: VersionRef,
  institution: z.string(),
  model: z.string(),
  tier: Tier,
  artifactKind: ArtifactKind,
  /** What it was when the record was made: `sealed`, or what a baseline found. */
  state: VersionState,
  rootDigest: Sha256,
  sizeBytes: z.number().int(),
  parameters: z.number().int().nullable(),
  notes: z.string(),
  effectiveTerms: Terms,
  /** SHA-256 over what was found in the files, as canonical JSON; null for those sealed before they were looked into. */
  inspection: Sha256.nullable(),
  /** SHA-256 over a line `sha256 size kind path` for each file, in order of paths. */
  files: Sha256,
  job: z.string().nullable(),
  method: z.string().nullable(),
  createdBy: z.string(),
  /** To the microsecond, as the database has them. */
  createdAt: z.string(),
  sealedAt: z.string(),
  parents: z.array(SealedParent),
  datasets: z.array(SealedDataset),
});
export type SealRecord = z.infer<typeof SealRecord>;

/** One thing that is not as it was sealed. Null where there is none: a row that was taken out, or put in. */
export const SealDifference = z.strictObject({ field: z.string(), was: z.string().nullable(), is: z.string().nullable() });
export type SealDifference = z.infer<typeof SealDifference>;

/** `baseline`: the version is older than such records, and this one says what was found at that instant. */
export const SEAL_ORIGINS = ["sealing", "baseline"] as const;
export const SealOrigin = z.enum(SEAL_ORIGINS);
export type SealOrigin = z.infer<typeof SealOrigin>;

/** The record of a version with its digest, SHA-256 over the record as canonical JSON (RFC 8785). */
export const VersionSeal = z.strictObject({
  version: VersionRef,
  origin: SealOrigin,
  at: Timestamp,
  digest: Sha256,
  record: SealRecord,
});
export type VersionSeal = z.infer<typeof VersionSeal>;
