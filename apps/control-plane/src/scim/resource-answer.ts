import type { FastifyReply } from "fastify";
import { z } from "zod";
import { matches } from "../platform/http/etag.js";
import type { ResourceType } from "./attributes.js";
import type { Json } from "./read-resource.js";
import { versionOf } from "./resource-view.js";
import { projected, type ResourceQuery } from "./scim-query.js";

/** Whatever it is, it is looked up: an id of the wrong shape is as absent as any other. */
export const ResourcePath = z.object({ id: z.string() });
export type ResourcePath = z.infer<typeof ResourcePath>;

/** The protocol says how a body is read, attribute by attribute, so it is read where the schema is known. */
export const Content = z.unknown();
export type Content = z.infer<typeof Content>;

/** A resource with its address and version as headers; nothing for a reader who has it already. */
export function answered(
  reply: FastifyReply,
  type: ResourceType,
  resource: Json,
  query: ResourceQuery,
  ifNoneMatch?: string,
): Json | undefined {
  const version = versionOf(resource);
  reply.header("etag", version);
  const { meta } = resource;
  if (typeof meta === "object" && meta !== null && "location" in meta) reply.header("location", String(meta.location));
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, version.replace(/^W\//, ""))) {
    reply.status(304);
    return undefined;
  }
  return projected(resource, type.schema, query);
}
