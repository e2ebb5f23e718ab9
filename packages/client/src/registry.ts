import {
  AddedMember,
  type CreateDatasetInput,
  type CreateModelInput,
  Dataset,
  DatasetVersion,
  Institution,
  Member,
  Model,
  pageOf,
  paths,
  type Role,
  SHARED_TIERS,
  Version,
} from "@ziggurat/contracts";
import type { Api } from "./api.js";
import { isProblem } from "./api-problem.js";

/** Creates an institution; one that is there already is taken as it is. */
export async function ensureInstitution(api: Api, slug: string, name: string): Promise<void> {
  await unlessThere(() => api.post(Institution, paths.institutions(), { slug, name }));
}

/** Adds a person with a known password; one who is a member already is left alone. */
export async function ensureMember(
  api: Api,
  institution: string,
  person: { readonly email: string; readonly password: string },
  name: string,
  roles: readonly Role[],
): Promise<void> {
  for await (const member of api.all(pageOf(Member), paths.members(institution))) if (member.email === person.email) return;
  const tiers = roles.includes("platform_engineer") ? { tiers: SHARED_TIERS } : {};
  await api.post(AddedMember, paths.members(institution), { email: person.email, name, roles, password: person.password, ...tiers });
}

/** Registers a model; one of that name is taken as it is and gets the new version. */
export async function ensureModel(api: Api, model: CreateModelInput): Promise<string> {
  await unlessThere(() => api.post(Model, paths.models(), model));
  return `${model.namespace}/${model.slug}`;
}

/** Registers a dataset unless it is there, and uploaded bytes as its next version unless one of its versions has those very bytes. */
export async function ensureDatasetVersion(api: Api, dataset: CreateDatasetInput, sha256: string, notes: string): Promise<string> {
  await unlessThere(() => api.post(Dataset, paths.datasets(), dataset));
  const ref = `${dataset.namespace}/${dataset.slug}`;
  for await (const version of api.all(pageOf(DatasetVersion), paths.datasetVersions(ref)))
    if (version.sha256 === sha256) return version.ref;
  return (await api.post(DatasetVersion, paths.datasetVersions(ref), { sha256, notes })).ref;
}

const RELEASE_STEPS = ["in_review", "released"] as const;

/**
 * Moves a sealed version through review to release. Two people do that: nobody releases what they had a hand in. The platform's gates decide;
 * a refusal is thrown with its reasons.
 */
export async function releaseVersion(submitter: Api, releaser: Api, ref: string, reason: string): Promise<Version> {
  for (const to of RELEASE_STEPS) {
    const api = to === "released" ? releaser : submitter;
    const { value, etag } = await api.read(Version, paths.version(ref));
    if (value.state === "released") return value;
    if (to === "in_review" && value.state !== "sealed") continue;
    await api.post(Version, paths.transitions(ref), { to, reason }, etag === null ? {} : { "if-match": etag });
  }
  return releaser.get(Version, paths.version(ref));
}

/** Points an alias of a model at one of its versions. */
export async function pointAlias(api: Api, model: string, name: string, version: number, reason: string): Promise<void> {
  await api.send({
    method: "PUT",
    path: paths.alias(model, name),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ version, reason }),
  });
}

async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isProblem(error, 409)) throw error;
  }
}
