import { z } from "zod";
import { AliasName } from "./models.js";
import { FilePath, ModelRef, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";

/** Which version an evidence pack is about when neither an alias nor a number is named. */
export const EVIDENCE_ALIAS = "champion";

/** `?at=` and either `alias` or `version`: what stood behind a task at an instant that has passed. */
export const EvidenceQuery = z.strictObject({
  at: Timestamp,
  /** The version that this name pointed to then; `champion` where neither is given. */
  alias: AliasName.optional(),
  /** This very version, by its number. */
  version: z.coerce.number().int().min(1).max(999_999_999).optional(),
});
export type EvidenceQuery = z.infer<typeof EvidenceQuery>;

export const EVIDENCE_MEDIA_TYPE = "application/x-tar";
/** What the signature over a pack's manifest says it signs. */
export const EVIDENCE_MANIFEST_TYPE = "application/vnd.ziggurat.evidence-pack.v1+json";

/** Everything that an evidence pack holds beside itself and its signature. No time of making, no maker: the same pack is the same bytes. */
export const EvidenceManifest = z.strictObject({
  format: z.literal("ziggurat-evidence-pack/1"),
  institution: Slug,
  model: ModelRef,
  version: VersionRef,
  rootDigest: Sha256,
  /** The alias that led to the version; null where the version was asked for by number. */
  alias: AliasName.nullable(),
  at: Timestamp,
  entries: z.array(z.strictObject({ path: FilePath, sizeBytes: z.number().int(), sha256: Sha256 })),
});
export type EvidenceManifest = z.infer<typeof EvidenceManifest>;

/** Name a pack is saved under: `northbank-cards-champion-20260503T120000Z.tar`. */
export function evidenceFileName(model: string, { at, alias, version }: EvidenceQuery): string {
  const subject = version === undefined ? (alias ?? EVIDENCE_ALIAS) : String(version);
  return `${model.replace("/", "-")}-${subject}-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}.tar`;
}
