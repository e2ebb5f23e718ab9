import { parseVersionRef } from "./primitives.js";

const API = "/api/v1";

/** Every native path, built in one place; clients and server tests share it. Refs are `ns/slug` and `ns/slug@n`. */
export const paths = {
  login: () => `${API}/auth/login`,
  logout: () => `${API}/auth/logout`,
  me: () => `${API}/me`,
  password: () => `${API}/me/password`,
  tokens: () => `${API}/tokens`,
  token: (id: string) => `${API}/tokens/${id}`,
  institutions: () => `${API}/institutions`,
  institution: (slug: string) => `${API}/institutions/${slug}`,
  members: (slug: string) => `${API}/institutions/${slug}/members`,
  member: (slug: string, userId: string) => `${API}/institutions/${slug}/members/${userId}`,
  models: () => `${API}/models`,
  model: (ref: string) => `${API}/models/${ref}`,
  versions: (ref: string) => `${API}/models/${ref}/versions`,
  version: (ref: string) => versionPath("models", ref),
  versionFiles: (ref: string) => `${versionPath("models", ref)}/files`,
  versionFile: (ref: string, path: string) => `${versionPath("models", ref)}/files/${path.split("/").map(encodeURIComponent).join("/")}`,
  versionInspection: (ref: string) => `${versionPath("models", ref)}/inspection`,
  transitions: (ref: string) => `${versionPath("models", ref)}/transitions`,
  standing: (ref: string) => `${versionPath("models", ref)}/standing`,
  versionStates: (ref: string) => `${versionPath("models", ref)}/states`,
  comparison: (refs: readonly string[]) => `${API}/comparisons?versions=${refs.join(",")}`,
  versionSeal: (ref: string) => `${versionPath("models", ref)}/seal`,
  verifications: (ref: string) => `${versionPath("models", ref)}/verifications`,
  aliases: (ref: string) => `${API}/models/${ref}/aliases`,
  alias: (ref: string, name: string) => `${API}/models/${ref}/aliases/${name}`,
  aliasHistory: (ref: string, name: string) => `${API}/models/${ref}/aliases/${name}/history`,
  evidencePack: (ref: string) => `${API}/models/${ref}/evidence-pack`,
  aliasProtection: (ref: string, name: string) => `${API}/models/${ref}/aliases/${name}/protection`,
  aliasProposals: (ref: string, name: string) => `${API}/models/${ref}/aliases/${name}/proposals`,
  aliasProposalsOf: (ref: string) => `${API}/models/${ref}/alias-proposals`,
  aliasProposalAction: (ref: string, name: string, id: string, action: "approve" | "withdraw") =>
    `${API}/models/${ref}/aliases/${name}/proposals/${id}/${action}`,
  blob: (sha256: string) => `${API}/blobs/${sha256}`,
  imports: () => `${API}/imports`,
  import: (id: string) => `${API}/imports/${id}`,
  importAction: (id: string, action: string) => `${API}/imports/${id}/${action}`,
  datasets: () => `${API}/datasets`,
  dataset: (ref: string) => `${API}/datasets/${ref}`,
  datasetVersions: (ref: string) => `${API}/datasets/${ref}/versions`,
  datasetVersion: (ref: string) => versionPath("datasets", ref),
  datasetRows: (ref: string) => `${versionPath("datasets", ref)}/rows`,
  plans: () => `${API}/plans`,
  jobs: () => `${API}/jobs`,
  job: (id: string) => `${API}/jobs/${id}`,
  jobAction: (id: string, action: string) => `${API}/jobs/${id}/${action}`,
  jobEvents: (id: string) => `${API}/jobs/${id}/events`,
  jobLogs: (id: string) => `${API}/jobs/${id}/logs`,
  jobMetrics: (id: string) => `${API}/jobs/${id}/metrics`,
  /** Base of one attempt's runner calls: `ZIGGURAT_JOB_URL`. */
  run: (attemptId: string) => `${API}/runs/${attemptId}`,
  evaluations: () => `${API}/evaluations`,
  evaluation: (id: string) => `${API}/evaluations/${id}`,
  evaluationItems: (id: string) => `${API}/evaluations/${id}/items`,
  lineage: (ref: string) => lineagePath(ref),
  lineageExport: (ref: string, format: string, language?: string) =>
    `${lineagePath(ref)}/export?format=${format}${language === undefined ? "" : `&language=${language}`}`,
  /** Where OpenLineage clients send their events: the endpoint they use when told nothing else. */
  lineageEvents: () => `${API}/lineage`,
  lineageEventBatch: () => `${API}/lineage/batch`,
  signature: (ref: string) => `${versionPath("models", ref)}/signature`,
  /** The public key that releases are signed with, or an earlier one by its id. */
  signingKey: (keyId?: string) => `${API}/keys/model-signing${keyId === undefined ? "" : `/${keyId}`}`,
  lineageGroups: (ref: string) => `${lineagePath(ref)}/groups`,
  lineageImpact: (ref: string) => `${lineagePath(ref)}/impact`,
  lineageRoute: (ref: string) => `${lineagePath(ref)}/path`,
  lineageOfDataset: (ref: string) => lineagePath(ref, "datasets/"),
  lineageOverview: () => `${API}/lineage/overview`,
  pyramid: () => `${API}/pyramid`,
  recalls: () => `${API}/recalls`,
  recallPreview: () => `${API}/recalls/preview`,
  recall: (id: string) => `${API}/recalls/${id}`,
  recallVersions: (id: string) => `${API}/recalls/${id}/versions`,
  recallLift: (id: string) => `${API}/recalls/${id}/lift`,
  holds: () => `${API}/holds`,
  hold: (id: string) => `${API}/holds/${id}`,
  /** POST asks for the lift, DELETE takes the request back. */
  holdLift: (id: string) => `${API}/holds/${id}/lift`,
  holdLiftConfirm: (id: string) => `${API}/holds/${id}/lift/confirm`,
  purges: () => `${API}/purges`,
  purgePreview: () => `${API}/purges/preview`,
  purge: (id: string) => `${API}/purges/${id}`,
  cleanUpRules: () => `${API}/clean-up-rules`,
  cleanUpRule: (name: string) => `${API}/clean-up-rules/${name}`,
  cleanUpRuleRevisions: (name: string) => `${API}/clean-up-rules/${name}/revisions`,
  cleanUps: () => `${API}/clean-ups`,
  cleanUpPreview: () => `${API}/clean-ups/preview`,
  cleanUp: (id: string) => `${API}/clean-ups/${id}`,
  cleanUpVersions: (id: string) => `${API}/clean-ups/${id}/versions`,
  notices: () => `${API}/notices`,
  noticeAction: (id: string, action: "seen" | "acknowledge") => `${API}/notices/${id}/${action}`,
  policy: (tier: string) => `${API}/policies/${tier}`,
  clusters: () => `${API}/clusters`,
  search: () => `${API}/search`,
  audit: () => `${API}/audit`,
  auditEntry: (id: string) => `${API}/audit/entries/${id}`,
  auditVerify: () => `${API}/audit/verify`,
  auditVerifications: () => `${API}/audit/verifications`,
  auditVerification: (id: string) => `${API}/audit/verifications/${id}`,
  auditExport: () => `${API}/audit/export`,
  auditKey: () => `${API}/audit/key`,
} as const;

function versionPath(collection: "models" | "datasets", ref: string): string {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `${API}/${collection}/${namespace}/${slug}/versions/${number}`;
}

function lineagePath(ref: string, kind: "" | "datasets/" = ""): string {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `${API}/lineage/${kind}${namespace}/${slug}/${number}`;
}
