import { z } from "zod";
import { DeclaredParent } from "./models.js";
import { AccountId, idOf, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Violation } from "./problem.js";
import { ArtifactKind, ImportAction, ImportFailureCode, ImportState, Tier } from "./vocabulary.js";

export const ImportId = idOf("import");
export type ImportId = z.infer<typeof ImportId>;

const Endpoint = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" }).max(2000);

/** Name of a repository on a hub: `namespace/name`, or a legacy single name. */
export const HubRepo = z
  .string()
  .max(96)
  .regex(/^(?:[A-Za-z0-9](?:[\w.-]*\w)?\/)?[A-Za-z0-9_](?:[\w.-]*\w)?$/, "expected namespace/name")
  .refine((repo) => !repo.includes("--") && !repo.includes("..") && !repo.endsWith(".git"), "no --, no .. and no .git at the end");

/** Where files come from. Secrets never stand here: the operator's environment holds them. */
export const ImportSource = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("directory"),
    /** An absolute folder on the platform's machine, below one of the roots that the operator opened. */
    path: z.string().min(1).max(4096).startsWith("/", "must be an absolute path"),
  }),
  z.strictObject({
    kind: z.literal("huggingface"),
    repo: HubRepo,
    /** Branch, tag or commit. Whatever it is, the import goes on with the commit it names at the start. */
    revision: z
      .string()
      .trim()
      .min(1)
      .max(250)
      .refine((revision) => !revision.includes(".."), "names no revision")
      .default("main"),
    /** Default: the operator's `HF_ENDPOINT`. */
    endpoint: Endpoint.optional(),
  }),
  z.strictObject({
    kind: z.literal("s3"),
    bucket: z
      .string()
      .min(3)
      .max(63)
      .regex(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/, "lower-case letters, digits, dots and hyphens"),
    prefix: z.string().max(1024).default(""),
    endpoint: Endpoint.optional(),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .optional(),
  }),
]);
export type ImportSource = z.infer<typeof ImportSource>;

/** Names of files that stay behind: `*` is any text, `/` included, `?` any one character. */
export const Exclude = z.array(z.string().min(1).max(200)).max(64);

/** Brings files from outside into a draft version, in the background. `seal` seals it in the same step. */
export const CreateImport = z.strictObject({
  model: ModelRef,
  source: ImportSource,
  exclude: Exclude.default([]),
  artifactKind: ArtifactKind.default("full"),
  parents: z.array(DeclaredParent).max(16).default([]),
  notes: z.string().max(2000).default(""),
  seal: z.boolean().default(false),
});
export type CreateImport = z.infer<typeof CreateImport>;
export type CreateImportInput = z.input<typeof CreateImport>;

/** Why an import failed, in the source's own words where it gave any. */
export const ImportFailure = z.strictObject({ code: ImportFailureCode, detail: z.string(), violations: z.array(Violation) });
export type ImportFailure = z.infer<typeof ImportFailure>;

/** What is there, of how much; the whole is unknown until the source was read. */
const Amount = z.strictObject({ done: z.number().int(), total: z.number().int().nullable() });

export const ImportMove = z.strictObject({ action: ImportAction, allowed: z.boolean(), reason: z.string().nullable() });
export type ImportMove = z.infer<typeof ImportMove>;

export const Import = z.strictObject({
  id: ImportId,
  model: ModelRef,
  tier: Tier,
  owner: Slug,
  source: ImportSource,
  exclude: Exclude,
  artifactKind: ArtifactKind,
  parents: z.array(DeclaredParent),
  notes: z.string(),
  seal: z.boolean(),
  state: ImportState,
  /** The fixed revision every byte comes from: a commit, or the digest of a folder's or bucket's listing. */
  revision: z.string().nullable(),
  files: Amount,
  bytes: Amount,
  /** Measured over the last seconds; null while nothing moves. */
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  failure: ImportFailure.nullable(),
  /** The version it made, once it is done. */
  version: VersionRef.nullable(),
  moves: z.array(ImportMove),
  requestedBy: z.strictObject({ id: AccountId, name: z.string() }),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
});
export type Import = z.infer<typeof Import>;

export const ListImports = PageQuery.extend({ "filter[state]": ImportState.optional(), "filter[model]": ModelRef.optional() });
export type ListImports = z.infer<typeof ListImports>;

export const ImportActionRequest = z.strictObject({ reason: z.string().max(2000).default("") });
export type ImportActionRequest = z.infer<typeof ImportActionRequest>;
