import { z } from "zod";

/** Kebab-case name of an institution, a namespace part or a model part. */
export const Slug = z
  .string()
  .min(2)
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "lower-case letters, digits and single hyphens");

/** `ns/slug`: also a hub repository id. */
export const ModelRef = z
  .string()
  .max(130)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*$/, "expected namespace/slug");

/** `ns/slug@n`: one exact version, of a model or of a dataset. */
export const VersionRef = z
  .string()
  .max(140)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*\/[a-z0-9]+(?:-[a-z0-9]+)*@[1-9][0-9]{0,8}$/, "expected namespace/slug@number");

/** 64 lower-case hex digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hex digits");

/** RFC 3339 in UTC, with `Z`. */
export const Timestamp = z.iso.datetime();

/** A path inside a version: `/`-separated, relative, normalised. Escapes are refused here, once, for every door. */
export const FilePath = z
  .string()
  .min(1)
  .max(512)
  .refine(
    (path) => !path.includes("\\") && !path.includes("\0") && path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "a relative path with / separators and no . or .. parts",
  );

/** Prefix of every id by the kind of thing it names. */
export const ID_PREFIXES = {
  institution: "ins",
  user: "usr",
  token: "tok",
  session: "ses",
  model: "mod",
  version: "ver",
  dataset: "dst",
  datasetVersion: "dsv",
  job: "job",
  attempt: "att",
  evaluation: "evl",
  externalEvent: "xev",
  cluster: "clu",
  import: "imp",
  audit: "aud",
  recall: "rec",
  aliasProposal: "apr",
  verification: "vfy",
  notice: "ntc",
  hold: "hld",
  tombstone: "tmb",
  cleanUp: "cln",
  garbageCollection: "gbc",
  auditVerification: "avf",
  request: "req",
  entitlement: "ent",
  identityProvider: "idp",
  identity: "fid",
  deviceAuthorization: "dev",
  scimGroup: "scg",
  passkey: "pky",
  role: "rol",
  serviceAccount: "sva",
  quotaProposal: "qpr",
  price: "prc",
  charge: "chg",
  exit: "ext",
  institutionExport: "iex",
  reservation: "rsv",
} as const;
export type IdKind = keyof typeof ID_PREFIXES;

/** An id such as `job_0199…`: the prefix of its kind and 32 hex digits, branded so that one kind does not fit another. */
export function idOf<K extends IdKind>(kind: K) {
  return z
    .string()
    .regex(new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-f]{32}$`), `expected an id like ${ID_PREFIXES[kind]}_…`)
    .brand<K>();
}
/** Whoever does something: a person's account, or a service account. */
export const AccountId = z.union([idOf("user"), idOf("serviceAccount")]);
export type AccountId = z.infer<typeof AccountId>;
export const JobId = idOf("job");
export type JobId = z.infer<typeof JobId>;
export const AttemptId = idOf("attempt");
export type AttemptId = z.infer<typeof AttemptId>;

/** Query of every list: `?limit=50&cursor=…`. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional(),
  include: z.enum(["total"]).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Answer of every list. `total` only when asked for with `include=total`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: z.array(item), nextCursor: z.string().nullable(), total: z.number().int().optional() });
}
export type Page<T> = { readonly data: readonly T[]; readonly nextCursor: string | null; readonly total?: number };

/** Splits `ns/slug@n`. The text must already match {@link VersionRef}. */
export function parseVersionRef(ref: string): { namespace: string; slug: string; number: number } {
  const [path = "", number = ""] = ref.split("@");
  const [namespace = "", slug = ""] = path.split("/");
  return { namespace, slug, number: Number(number) };
}

/** The opposite of {@link parseVersionRef}. */
export function versionRef(namespace: string, slug: string, number: number): string {
  return `${namespace}/${slug}@${number}`;
}
