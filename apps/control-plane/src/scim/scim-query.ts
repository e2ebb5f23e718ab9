import type { Filter } from "scim2-parse-filter";
import { z } from "zod";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import type { Names } from "./filter-condition.js";
import type { Json } from "./read-resource.js";

/** Resources in one answer at most, and where the client does not say. */
export const MOST_RESOURCES = 200;
const USUAL_RESOURCES = 100;

/** No institution has as many. */
const FARTHEST = 1_000_000_000;
/** Whole numbers, however large; what is none is as if it were not said. */
const number = (otherwise: number) =>
  z
    .string()
    .regex(/^[-+]?\d{1,100}$/)
    .transform((text) => Math.max(-FARTHEST, Math.min(FARTHEST, Number(text))))
    .catch(otherwise)
    .default(otherwise);
const name = z.string().max(200).optional();
/** Names separated by commas; an empty list is none. */
const list = z
  .string()
  .max(2000)
  .optional()
  .transform((text) => (text?.trim() === "" ? undefined : text));

/** Parameters of a list (RFC 7644, section 3.4.2). Others are passed over, as the protocol has it. */
export const ListQuery = z.object({
  filter: z.string().optional(),
  startIndex: number(1).transform((index) => Math.max(1, index)),
  count: number(USUAL_RESOURCES).transform((count) => Math.min(MOST_RESOURCES, Math.max(0, count))),
  sortBy: name,
  sortOrder: z.string().optional(),
  attributes: list,
  excludedAttributes: list,
});
export type ListQuery = z.infer<typeof ListQuery>;
export const ResourceQuery = ListQuery.pick({ attributes: true, excludedAttributes: true });
export type ResourceQuery = z.infer<typeof ResourceQuery>;

/** Which resources of a kind are wanted, in which order, and how many. */
export interface ListedBy {
  readonly names: Names;
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

const SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/** A list that is asked for in a body, so that nothing of it stands in a log of addresses (RFC 7644, section 3.4.3). */
export const SearchRequest = z
  .looseObject({})
  .transform((body): unknown => ({
    ...refuseOther(body.schemas),
    ...Object.fromEntries(
      Object.entries(body).map(([key, value]) => [
        key,
        typeof value === "number" ? String(value) : Array.isArray(value) ? value.join(",") : value,
      ]),
    ),
  }))
  .pipe(ListQuery);

function refuseOther(schemas: unknown): object {
  const isSearch = (one: unknown) => typeof one === "string" && one.toLowerCase() === SEARCH.toLowerCase();
  if (schemas === undefined || (Array.isArray(schemas) && schemas.some(isSearch))) return {};
  throw new ScimRefusal("invalid", "invalidSyntax", `A search has the schema ${SEARCH}.`);
}

export interface Found {
  readonly total: number;
  readonly resources: readonly Json[];
}

/** RFC 7644, section 3.4.2. */
export function listResponse({ total, resources }: Found, startIndex: number): Json {
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

/** What of a resource was asked for (RFC 7644, section 3.9); its id and schemas always are. */
export function projected(resource: Json, schema: string, { attributes, excludedAttributes }: ResourceQuery): Json {
  if (attributes !== undefined) return kept(resource, namesIn(attributes, schema));
  if (excludedAttributes !== undefined) return left(resource, namesIn(excludedAttributes, schema));
  return resource;
}

/** Whether an attribute is among those that were asked for: what costs much to read is not read for nothing. */
export function isAsked(attribute: string, schema: string, { attributes, excludedAttributes }: Partial<ResourceQuery>): boolean {
  const name = attribute.toLowerCase();
  if (attributes !== undefined) return namesIn(attributes, schema).some((one) => one === name || one.startsWith(`${name}.`));
  return excludedAttributes === undefined || !namesIn(excludedAttributes, schema).includes(name);
}

const ALWAYS = ["id", "schemas"];

function kept(resource: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    Object.entries(resource).flatMap(([key, value]) => {
      const name = key.toLowerCase();
      if (ALWAYS.includes(name) || names.includes(name)) return [[key, value]];
      const subs = names.filter((one) => one.startsWith(`${name}.`)).map((one) => one.slice(name.length + 1));
      const part = subs.length === 0 ? undefined : each(value, (sub) => subs.includes(sub));
      return isNothing(part) ? [] : [[key, part]];
    }),
  );
}

function left(resource: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    Object.entries(resource).flatMap(([key, value]) => {
      const name = key.toLowerCase();
      if (names.includes(name) && !ALWAYS.includes(name)) return [];
      const subs = names.filter((one) => one.startsWith(`${name}.`)).map((one) => one.slice(name.length + 1));
      return [[key, subs.length === 0 ? value : each(value, (sub) => !subs.includes(sub))]];
    }),
  );
}

function isNothing(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function each(value: unknown, stays: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => each(one, stays));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => stays(key.toLowerCase())));
}

function namesIn(list: string, schema: string): string[] {
  const prefix = `${schema.toLowerCase()}:`;
  return list
    .split(",")
    .map((one) => one.trim().toLowerCase())
    .map((one) => (one.startsWith(prefix) ? one.slice(prefix.length) : one));
}
