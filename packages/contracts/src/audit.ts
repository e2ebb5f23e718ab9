import { z } from "zod";
import { AuditFilter, AuditVerification } from "./governance.js";
import { idOf, Sha256, Slug, Timestamp } from "./primitives.js";

/** `each`: every line proves itself. `none`: half the size, for whole chains, whose root the reader works out from all lines. */
export const AUDIT_PROOFS = ["each", "none"] as const;
export const ExportAudit = AuditFilter.extend({
  proofs: z.enum(AUDIT_PROOFS).default("each"),
  /** Only entries behind this sequence, with the proof that the log merely grew since its head of that size. Needs `filter[chain]`. */
  since: z.coerce.number().int().min(1).optional(),
});
export type ExportAudit = z.infer<typeof ExportAudit>;

/** The very members whose canonical JSON is hashed to the entry's digest. */
export const DigestedEntry = z.strictObject({
  id: idOf("audit"),
  institutionId: idOf("institution"),
  at: Timestamp,
  actorId: z.string(),
  actorName: z.string(),
  requestId: z.string().nullable(),
  action: z.string(),
  object: z.string(),
  reason: z.string(),
  beforeDigest: Sha256.nullable(),
  afterDigest: Sha256.nullable(),
});
export type DigestedEntry = z.infer<typeof DigestedEntry>;

/** One line of an export. `proof` is the inclusion path of RFC 9162, base64, from the leaf up. */
export const ExportedEntry = z.strictObject({
  chain: Slug,
  sequence: z.number().int(),
  entry: DigestedEntry,
  digest: Sha256,
  previousLink: Sha256.nullable(),
  link: Sha256,
  /** Its institution was erased: names and free words are gone from `entry`, and `digest` is what it had before. */
  redacted: z.literal(true).optional(),
  proof: z.array(z.base64()).optional(),
});
export type ExportedEntry = z.infer<typeof ExportedEntry>;

/** One chain in an export's manifest. */
export const ExportedChain = z.strictObject({
  chain: Slug,
  institutionId: idOf("institution"),
  treeSize: z.number().int(),
  rootHash: Sha256,
  /** Signed tree head: a C2SP checkpoint. */
  treeHead: z.string(),
  entries: z.number().int(),
  /** Which entries the file holds, as runs of sequences: `[first, last]`. */
  sequences: z.array(z.tuple([z.number().int(), z.number().int()])),
  consistency: z.strictObject({ size: z.number().int(), proof: z.array(z.base64()) }).nullable(),
});
export type ExportedChain = z.infer<typeof ExportedChain>;

/** What the last line of an export signs. */
export const ExportManifest = z.strictObject({
  format: z.literal("ziggurat-audit-export/1"),
  exportedAt: Timestamp,
  exportedBy: z.string(),
  filters: z.record(z.string(), z.string()),
  proofs: z.enum(AUDIT_PROOFS),
  entries: z.number().int(),
  /** SHA-256 over every byte before the last line. */
  linesSha256: Sha256,
  chains: z.array(ExportedChain),
});
export type ExportManifest = z.infer<typeof ExportManifest>;
export const EXPORT_MANIFEST_TYPE = "application/vnd.ziggurat.audit-export.v1+json";

/** Asks for a verification that runs by itself: of one chain, or of every chain the viewer may see. */
export const StartAuditVerification = z.strictObject({ chain: Slug.optional() });
export type StartAuditVerification = z.infer<typeof StartAuditVerification>;
export const VerificationRun = z.strictObject({
  id: idOf("auditVerification"),
  state: z.enum(["queued", "running", "done"]),
  /** Entries to walk, known from the start, and those walked so far. */
  total: z.number().int(),
  done: z.number().int(),
  requestedBy: z.string(),
  requestedAt: Timestamp,
  /** The verdict; null until `done`. */
  result: AuditVerification.nullable(),
});
export type VerificationRun = z.infer<typeof VerificationRun>;
