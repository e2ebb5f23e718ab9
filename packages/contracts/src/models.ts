import { z } from "zod";
import { FilePath, idOf, ModelRef, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Purged } from "./purges.js";
import { Contributor } from "./separation.js";
import { ArtifactKind, Relation, Scenario, Seal, Tier, VersionState } from "./vocabulary.js";

/** Use limits that travel down the pyramid and may only narrow on the way. */
export const Terms = z.strictObject({
  commercialUse: z.boolean().default(true),
  redistribution: z.boolean().default(true),
  /** Regions the weights and data may be in; empty means anywhere. */
  regions: z.array(z.string().min(1).max(64)).default([]),
});
export type Terms = z.infer<typeof Terms>;

const cardFields = {
  purpose: z.string().max(2000),
  limits: z.string().max(2000),
  trainingData: z.string().max(2000),
  contact: z.string().max(200),
  languages: z.array(z.string().min(2).max(16)),
  supplier: z.string().max(200),
  source: z.string().max(500),
  filing: z.string().max(200),
};
export const CARD_FIELDS = ["purpose", "limits", "trainingData", "contact", "languages", "supplier", "source", "filing"] as const;
export type CardField = (typeof CARD_FIELDS)[number];
/** What a person writes about a model; the completeness score counts the filled ones of the fields that its tier asks for. */
export const Card = z.strictObject({
  purpose: cardFields.purpose.default(""),
  limits: cardFields.limits.default(""),
  trainingData: cardFields.trainingData.default(""),
  contact: cardFields.contact.default(""),
  languages: cardFields.languages.default([]),
  /** Who made a model that was taken in from outside. */
  supplier: cardFields.supplier.default(""),
  /** Where it was taken from: an address, or words. */
  source: cardFields.source.default(""),
  /** Reference of its filing with the regulator. */
  filing: cardFields.filing.default(""),
});
export type Card = z.infer<typeof Card>;

/** A short word of any script that people group models by; the same whatever its case and width. */
export const Tag = z
  .string()
  .normalize("NFKC")
  .trim()
  .toLowerCase()
  .min(1)
  .max(40)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]*$/u, "letters and digits of any script, spaces, points, hyphens and underscores");
export type Tag = z.infer<typeof Tag>;
const Tags = z
  .array(Tag)
  .max(20)
  .refine((tags) => new Set(tags).size === tags.length, "each tag once");

export const CreateModel = z.strictObject({
  namespace: Slug,
  slug: Slug,
  tier: Tier,
  name: z.string().trim().min(1).max(200),
  card: Card.prefault({}),
  /** SPDX id or a name; a foundation model cannot be released without one. */
  licence: z.string().trim().max(200).optional(),
  terms: Terms.prefault({}),
  /** Tier `institution` only. */
  scenario: Scenario.optional(),
  tags: Tags.default([]),
});
export type CreateModel = z.infer<typeof CreateModel>;
export type CreateModelInput = z.input<typeof CreateModel>;
/** JSON Merge Patch of a model. */
export const PatchModel = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  /** Fields left out stay as they are, so none has a default here. */
  card: z.strictObject(cardFields).partial().optional(),
  licence: z.string().trim().max(200).nullable().optional(),
  /** All of them: what is left out is taken off. */
  tags: Tags.optional(),
});
export type PatchModel = z.infer<typeof PatchModel>;

export const Model = z.strictObject({
  id: idOf("model"),
  ref: ModelRef,
  namespace: Slug,
  slug: Slug,
  tier: Tier,
  name: z.string(),
  /** Slug of the owning institution; `platform` for the shared tiers. */
  owner: Slug,
  card: Card,
  /** 0 to 1: share of what the tier asks of a card that is filled. */
  cardCompleteness: z.number(),
  /** What the tier asks for and the card does not say; `licence` stands beside the card. */
  cardGaps: z.array(z.enum([...CARD_FIELDS, "licence"])),
  licence: z.string().nullable(),
  terms: Terms,
  scenario: Scenario.nullable(),
  tags: z.array(z.string()),
  versions: z.number().int(),
  latest: VersionRef.nullable(),
  latestState: VersionState.nullable(),
  aliases: z.record(z.string(), VersionRef),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Model = z.infer<typeof Model>;

export const ListModels = PageQuery.extend({
  "filter[tier]": Tier.optional(),
  "filter[namespace]": Slug.optional(),
  "filter[tag]": Tag.optional(),
  q: z.string().max(200).optional(),
});
export type ListModels = z.infer<typeof ListModels>;

export const FILE_KINDS = ["weights", "adapter", "tokenizer", "config", "card", "evaluation", "other"] as const;
export const FileKind = z.enum(FILE_KINDS);
export type FileKind = z.infer<typeof FileKind>;

/** A file of a version, by digest of bytes that were uploaded before. */
export const FileEntry = z.strictObject({ path: FilePath, sha256: Sha256 });
export type FileEntry = z.infer<typeof FileEntry>;
export const VersionFile = z.strictObject({ path: FilePath, sha256: Sha256, sizeBytes: z.number().int(), kind: FileKind });
export type VersionFile = z.infer<typeof VersionFile>;

export const DeclaredParent = z.strictObject({ version: VersionRef, relation: Relation });
export type DeclaredParent = z.infer<typeof DeclaredParent>;

/** Registers a draft version. Parents given here are `declared`; only the platform seals derivations. */
export const CreateVersion = z.strictObject({
  artifactKind: ArtifactKind.default("full"),
  files: z.array(FileEntry).max(10_000).default([]),
  parents: z.array(DeclaredParent).max(16).default([]),
  notes: z.string().max(2000).default(""),
});
export type CreateVersion = z.infer<typeof CreateVersion>;
/** Adds or replaces files of a draft. */
export const PutFiles = z.strictObject({ files: z.array(FileEntry).min(1).max(10_000) });
export type PutFiles = z.infer<typeof PutFiles>;

/** What users of a deprecated version are told: by when to leave it, and for what. */
export const Deprecation = z.strictObject({ successor: VersionRef.optional(), endsAt: Timestamp.optional() });
export type Deprecation = z.infer<typeof Deprecation>;

export const TransitionRequest = z
  .strictObject({ to: VersionState, reason: z.string().max(2000).default(""), deprecation: Deprecation.optional() })
  .refine(({ to, deprecation }) => deprecation === undefined || to === "deprecated", {
    message: "only a move to deprecated states an end",
    path: ["deprecation"],
  });
export type TransitionRequest = z.infer<typeof TransitionRequest>;

/** A gate's answer for these very bytes, at this moment. */
export const GateResult = z.strictObject({
  gate: z.string(),
  verdict: z.enum(["passed", "failed", "missing"]),
  detail: z.string(),
  /** Numbers behind the verdict, where it has any: value, what it is compared with, and the limit. */
  value: z.number().nullable(),
  reference: z.number().nullable(),
  limit: z.number().nullable(),
});
export type GateResult = z.infer<typeof GateResult>;

/** A move the viewer may make now, or why not. The console offers exactly these. */
export const VersionMove = z.strictObject({
  to: VersionState,
  allowed: z.boolean(),
  reasons: z.array(z.string()),
  /** One for each reason: what the API would answer as `code`. */
  codes: z.array(z.string()),
});
export type VersionMove = z.infer<typeof VersionMove>;
export const Derivation = z.strictObject({
  version: VersionRef,
  relation: Relation,
  seal: Seal,
  rootDigest: Sha256.nullable(),
});
export type Derivation = z.infer<typeof Derivation>;

export const Version = z.strictObject({
  id: idOf("version"),
  ref: VersionRef,
  model: ModelRef,
  number: z.number().int(),
  tier: Tier,
  owner: Slug,
  state: VersionState,
  artifactKind: ArtifactKind,
  rootDigest: Sha256.nullable(),
  sizeBytes: z.number().int(),
  fileCount: z.number().int(),
  parameters: z.number().int().nullable(),
  notes: z.string(),
  parents: z.array(Derivation),
  /** Dataset versions it was trained on, from the sealed job. */
  datasets: z.array(VersionRef),
  job: idOf("job").nullable(),
  method: z.string().nullable(),
  gates: z.array(GateResult),
  /** How many human approvers the tier's policy asks for, and how many gave their word. */
  approvers: z.strictObject({ required: z.number().int(), given: z.number().int() }),
  moves: z.array(VersionMove),
  /** Who had a hand in it, and may therefore not approve it. Empty where the viewer is of another institution than the owner. */
  contributors: z.array(Contributor),
  aliases: z.array(z.string()),
  /** The strictest terms along the ancestry. */
  effectiveTerms: Terms,
  /** Whether a legal hold on it, on its model or on its institution keeps it; false where the viewer may not know. */
  isHeld: z.boolean(),
  /** When its files were dropped for good; the list of them stays. */
  purged: Purged.nullable(),
  createdAt: Timestamp,
  createdBy: z.string(),
  sealedAt: Timestamp.nullable(),
  releasedAt: Timestamp.nullable(),
});
export type Version = z.infer<typeof Version>;

/** `?at=`: the state at that instant alone. */
export const StatesQuery = PageQuery.omit({ include: true }).extend({ at: Timestamp.optional() });
export type StatesQuery = z.infer<typeof StatesQuery>;
/** A state a version came into: when, by whom and why. Drafts are not part of the graph and have no history. */
export const StateAt = z.strictObject({ state: VersionState, at: Timestamp, by: z.string(), reason: z.string() });
export type StateAt = z.infer<typeof StateAt>;

export const AliasName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);
export type AliasName = z.infer<typeof AliasName>;
export const PutAlias = z.strictObject({ version: z.number().int().min(1), reason: z.string().max(2000).default("") });
export type PutAlias = z.infer<typeof PutAlias>;
/** `?at=`: the alias as it was at that instant. */
export const AliasQuery = z.strictObject({ at: Timestamp.optional() });
export type AliasQuery = z.infer<typeof AliasQuery>;

export const Alias = z.strictObject({ name: AliasName, version: VersionRef, movedAt: Timestamp, movedBy: z.string(), reason: z.string() });
export type Alias = z.infer<typeof Alias>;

/** Where a version stands among its ancestors: who limits its use, until when it is supported, what comes after it. */
export const VersionStanding = z.strictObject({
  version: VersionRef,
  effectiveTerms: Terms,
  /** The versions at which each limit begins; nothing for a use that is not limited. */
  causes: z.array(z.strictObject({ term: z.enum(["commercialUse", "redistribution", "regions"]), version: VersionRef })),
  /** The earliest end of support along the ancestry, and the version that states it. */
  support: z.strictObject({ endsAt: Timestamp, version: VersionRef }).nullable(),
  /** Stated for this very version when it was deprecated. */
  deprecation: z
    .strictObject({ successor: VersionRef.nullable(), endsAt: Timestamp.nullable(), reason: z.string(), at: Timestamp })
    .nullable(),
});
export type VersionStanding = z.infer<typeof VersionStanding>;
