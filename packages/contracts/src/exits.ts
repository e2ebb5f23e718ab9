import { z } from "zod";
import { idOf, Sha256, Slug, Timestamp } from "./primitives.js";

export const INSTITUTION_STATES = ["active", "leaving", "erasing", "erased"] as const;
/** `leaving`: read only. `erasing`: what is theirs goes, batch by batch. `erased`: only the slug and the tombstones of its lineage stand. */
export const InstitutionState = z.enum(INSTITUTION_STATES);
export type InstitutionState = z.infer<typeof InstitutionState>;

export const EXIT_STATES = ["leaving", "erasing", "erased", "cancelled"] as const;
export const ExitState = z.enum(EXIT_STATES);
export type ExitState = z.infer<typeof ExitState>;

/** Which side a person stands on: the institution that leaves, or the platform. */
export const EXIT_SIDES = ["institution", "platform"] as const;
export const ExitSide = z.enum(EXIT_SIDES);
export type ExitSide = z.infer<typeof ExitSide>;

export const EXIT_ACTIONS = ["start", "approve", "cancel", "export"] as const;
export const ExitAction = z.enum(EXIT_ACTIONS);
export type ExitAction = z.infer<typeof ExitAction>;

export const EXIT_BLOCKERS = [
  "held",
  "jobs_running",
  "imports_running",
  "recall_in_progress",
  "proposal_open",
  "export_missing",
  "export_stale",
] as const;
/** What stands in the way of the erasure. The last two give way to a waiver, the others to nothing but their own end. */
export const ExitBlockerCode = z.enum(EXIT_BLOCKERS);
export type ExitBlockerCode = z.infer<typeof ExitBlockerCode>;
export const ExitBlocker = z.strictObject({
  code: ExitBlockerCode,
  count: z.number().int(),
  /** A few of the things by id or name. */
  named: z.array(z.string()),
});
export type ExitBlocker = z.infer<typeof ExitBlocker>;

export const INSTITUTION_EXPORT_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export const InstitutionExportState = z.enum(INSTITUTION_EXPORT_STATES);
export type InstitutionExportState = z.infer<typeof InstitutionExportState>;

export const InstitutionExportId = idOf("institutionExport");
export type InstitutionExportId = z.infer<typeof InstitutionExportId>;
export const ExitId = idOf("exit");
export type ExitId = z.infer<typeof ExitId>;

/** One signed archive of all that is an institution's. */
export const InstitutionExport = z.strictObject({
  id: InstitutionExportId,
  state: InstitutionExportState,
  /** The moment it shows; null until its rows were read. */
  asOf: Timestamp.nullable(),
  requestedBy: z.string(),
  requestedAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  files: z.strictObject({ done: z.number().int(), total: z.number().int().nullable() }),
  bytes: z.strictObject({ done: z.number().int(), total: z.number().int().nullable() }),
  detail: z.string().nullable(),
  /** Whether nothing of the institution was changed since. */
  isCurrent: z.boolean(),
});
export type InstitutionExport = z.infer<typeof InstitutionExport>;

/** What would go, told before anything is asked for. */
export const ExitPreview = z.strictObject({
  institution: Slug,
  /** Rows of each kind that go or lose what they say. */
  goes: z.strictObject({
    members: z.number().int(),
    models: z.number().int(),
    versions: z.number().int(),
    datasets: z.number().int(),
    jobs: z.number().int(),
    evaluations: z.number().int(),
    files: z.number().int(),
    bytes: z.number().int(),
  }),
  /** Tombstones: versions, dataset versions and edges of the lineage that stay without what they held. */
  stays: z.strictObject({
    versions: z.number().int(),
    datasetVersions: z.number().int(),
    edges: z.number().int(),
    auditEntries: z.number().int(),
  }),
  blockers: z.array(ExitBlocker),
  coolingOffDays: z.number(),
  /** Mark of what was shown; a start with another one is refused. */
  mark: Sha256,
});
export type ExitPreview = z.infer<typeof ExitPreview>;

const Reason = z.string().trim().min(1).max(2000);
/** Begins the exit: read only from now on. `confirm` is the institution's slug, typed. */
export const StartExit = z.strictObject({
  confirm: z.string().max(64),
  mark: Sha256,
  reason: Reason,
});
export type StartExit = z.infer<typeof StartExit>;
/** The word of the other side. `waiver`: why the data goes although no current export of it was made. */
export const ApproveExit = z.strictObject({ confirm: z.string().max(64), waiver: Reason.optional() });
export type ApproveExit = z.infer<typeof ApproveExit>;
export const CancelExit = z.strictObject({ reason: Reason });
export type CancelExit = z.infer<typeof CancelExit>;

export const Exit = z.strictObject({
  id: ExitId,
  state: ExitState,
  reason: z.string(),
  startedBy: z.string(),
  startedSide: ExitSide,
  startedAt: Timestamp,
  approvedBy: z.string().nullable(),
  approvedAt: Timestamp.nullable(),
  waiver: z.string().nullable(),
  /** When the erasure begins; until then it can be cancelled. */
  erasesAt: Timestamp.nullable(),
  /** What keeps it from beginning although its time has come, or would now. */
  blockers: z.array(ExitBlocker),
  /** Steps of the erasure that are done, of how many. */
  progress: z.strictObject({ done: z.number().int(), total: z.number().int() }),
  /** What broke at the last attempt; it is tried again. */
  detail: z.string().nullable(),
  finishedAt: Timestamp.nullable(),
  cancelledBy: z.string().nullable(),
  cancelReason: z.string().nullable(),
  /** Where the certificate will be found once nobody can sign in any more: to be kept. */
  certificatePath: z.string().nullable(),
});
export type Exit = z.infer<typeof Exit>;

/** Where an institution stands: its last exit and its exports. */
export const InstitutionExit = z.strictObject({
  institution: Slug,
  state: InstitutionState,
  exit: Exit.nullable(),
  exports: z.array(InstitutionExport),
  /** What the viewer may do now. */
  actions: z.array(ExitAction),
  /** Whether the viewer may take exports along. */
  mayDownload: z.boolean(),
});
export type InstitutionExit = z.infer<typeof InstitutionExit>;

/** Proves that the bearer was given it: the address of a certificate of erasure. */
export const CertificateKey = z.string().regex(/^zec_[0-9a-z]{40}$/, "expected zec_…");

export const INSTITUTION_EXPORT_MANIFEST_TYPE = "application/vnd.ziggurat.institution-export.v1+json";
export const InstitutionExportManifest = z.strictObject({
  format: z.literal("ziggurat-institution-export/1"),
  institution: Slug,
  institutionId: idOf("institution"),
  asOf: Timestamp,
  /** Rows of each table, and columns left out of it with the reason. */
  tables: z.array(z.strictObject({ table: z.string(), rows: z.number().int(), without: z.record(z.string(), z.string()) })),
  /** Tables of which nothing is in the export, each with the reason. */
  exceptions: z.record(z.string(), z.string()),
  /** Digests that rows name and whose bytes were gone before. */
  missing: z.array(Sha256),
  /** The list of every entry before it, `entries.jsonl`: `{path, sizeBytes, sha256}` a line, in the order of the archive. */
  entries: z.strictObject({ count: z.number().int(), sizeBytes: z.number().int(), sha256: Sha256 }),
});
export type InstitutionExportManifest = z.infer<typeof InstitutionExportManifest>;

export const ERASURE_CERTIFICATE_TYPE = "application/vnd.ziggurat.erasure-certificate.v1+json";
/** What was erased when, as the payload of a DSSE envelope. Names no person. */
export const ErasureCertificate = z.strictObject({
  format: z.literal("ziggurat-erasure-certificate/1"),
  exit: ExitId,
  institution: Slug,
  institutionId: idOf("institution"),
  startedBy: z.strictObject({ side: ExitSide, at: Timestamp }),
  approvedBy: z.strictObject({ side: ExitSide, at: Timestamp }),
  /** The export it was preceded by; null where that was waived. */
  export: z.strictObject({ id: InstitutionExportId, asOf: Timestamp, manifestSha256: Sha256 }).nullable(),
  beganAt: Timestamp,
  finishedAt: Timestamp,
  /** Rows of each table that were deleted, and that lost what they said. */
  tables: z.array(z.strictObject({ table: z.string(), deleted: z.number().int(), blanked: z.number().int() })),
  /** Files that it held and holds no more. Whether somebody else has the same bytes is not said. */
  files: z.strictObject({
    count: z.number().int(),
    bytes: z.number().int(),
    /** SHA-256 over their digests, sorted, a line each. */
    digest: Sha256,
  }),
  audit: z.strictObject({ entries: z.number().int(), redacted: z.number().int() }),
});
export type ErasureCertificate = z.infer<typeof ErasureCertificate>;
export const SignedCertificate = z.strictObject({
  payloadType: z.literal(ERASURE_CERTIFICATE_TYPE),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })),
});
export type SignedCertificate = z.infer<typeof SignedCertificate>;
