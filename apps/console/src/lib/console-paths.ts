import { parseVersionRef } from "@ziggurat/contracts";

type Query = Readonly<Record<string, string | undefined>>;

function withQuery(path: string, query: Query = {}): string {
  const parts = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  return parts.length === 0 ? path : `${path}?${new URLSearchParams(parts).toString()}`;
}

function versionParts(ref: string): string {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `${namespace}/${slug}/v/${number}`;
}

/** Every path of the console, built in one place. Refs are `ns/slug` and `ns/slug@n`. */
export const to = {
  home: () => "/",
  login: (next?: string) => withQuery("/login", { next }),
  pyramid: (query?: Query) => withQuery("/pyramid", query),
  models: (query?: Query) => withQuery("/models", query),
  newModel: () => "/models/new",
  registerMany: () => "/models/register-many",
  model: (ref: string) => `/models/${ref}`,
  newVersion: (ref: string) => `/models/${ref}/v/new`,
  newImport: (ref: string) => `/models/${ref}/v/import`,
  imports: (query?: Query) => withQuery("/imports", query),
  import: (id: string) => `/imports/${id}`,
  version: (ref: string, tab?: string) => withQuery(`/models/${versionParts(ref)}`, { tab }),
  holds: (query?: Query) => withQuery("/holds", query),
  cleanUps: () => "/clean-ups",
  /** Up to five versions, in the order of their columns. */
  compare: (...refs: readonly string[]) => withQuery("/compare", Object.fromEntries(refs.map((ref, n) => ["abcde"[n] ?? "", ref]))),
  lineage: (ref: string, query?: Query) => {
    const { namespace, slug, number } = parseVersionRef(ref);
    return withQuery(`/lineage/${namespace}/${slug}/${number}`, query);
  },
  lineagePath: (from?: string, target?: string) => withQuery("/lineage/path", { from, to: target }),
  datasets: (query?: Query) => withQuery("/datasets", query),
  newDataset: () => "/datasets/new",
  dataset: (ref: string) => `/datasets/${ref}`,
  newDatasetVersion: (ref: string) => `/datasets/${ref}/v/new`,
  datasetVersion: (ref: string, query?: Query) => withQuery(`/datasets/${versionParts(ref)}`, query),
  jobs: (query?: Query) => withQuery("/jobs", query),
  newJob: (query?: Query) => withQuery("/jobs/new", query),
  job: (id: string, query?: Query) => withQuery(`/jobs/${id}`, query),
  institutions: () => "/institutions",
  accessReview: (query?: Query) => withQuery("/access-review", query),
  /** Of all institutions, for the platform's people; an institution's own stand on its page. */
  allStatements: (query?: Query) => withQuery("/statements", query),
  /** `month`: that one is open. */
  statements: (slug: string, month?: string) => withQuery(`/institutions/${slug}`, { tab: "statements", month }),
  prices: (query?: Query) => withQuery("/prices", query),
  institution: (slug: string, query?: Query) => withQuery(`/institutions/${slug}`, query),
  exit: (slug: string) => withQuery(`/institutions/${slug}`, { tab: "exit" }),
  clusters: () => "/clusters",
  audit: (query?: Query) => withQuery("/audit", query),
  inbox: (query?: Query) => withQuery("/inbox", query),
  recalls: () => "/recalls",
  recall: (id: string) => `/recalls/${id}`,
  recallVersions: (id: string) => `/recalls/${id}/versions`,
  search: (query?: Query) => withQuery("/search", query),
  settings: () => "/settings",
  device: () => "/device",
} as const;
