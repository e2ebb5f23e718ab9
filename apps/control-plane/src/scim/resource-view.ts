import { Refusal } from "../platform/errors/refusal.js";
import { SCIM_PREFIX } from "../platform/errors/scim-refusal.js";
import { etagOf, matches } from "../platform/http/etag.js";
import type { ResourceType } from "./attributes.js";
import type { Json } from "./read-resource.js";

/**
 * A resource with what all have (RFC 7643, section 3.1).
 * @param revision what its version stands for: all that it says, so that the same facts are the same version, where nothing else is given
 */
export function versioned(
  type: ResourceType,
  url: string,
  id: string,
  created: Date,
  lastModified: Date,
  fields: Json,
  revision?: readonly string[],
): Json {
  const meta = {
    resourceType: type.name,
    created: created.toISOString(),
    lastModified: lastModified.toISOString(),
    location: addressOf(url, type.endpoint, id),
  };
  const resource = { schemas: [type.schema], id, ...fields };
  return { ...resource, meta: { ...meta, version: `W/${etagOf(revision ?? [resource, meta])}` } };
}

export function addressOf(url: string, endpoint: string, id: string): string {
  return `${url}${SCIM_PREFIX}${endpoint}/${id}`;
}

/** The entity tag that goes with a resource. */
export function versionOf({ meta }: Json): string {
  return typeof meta === "object" && meta !== null && "version" in meta ? String(meta.version) : "";
}

/** Holds a change to what its author saw, where the author says what that was (RFC 7644, section 3.14). */
export function refuseStale(ifMatch: string | undefined, resource: Json): void {
  if (ifMatch === undefined || matches(ifMatch, versionOf(resource).replace(/^W\//, ""))) return;
  throw new Refusal("stale", "It changed since you read it; read it again.");
}
