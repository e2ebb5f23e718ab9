import type { Document, Schema } from "./open-api.js";

const SCIM = "urn:ietf:params:scim";
const text = (constant: string): Schema => ({ const: constant });
const list = (schema: string): Schema => ({ type: "array", minItems: 1, items: text(`${SCIM}:${schema}`) });
const id = (prefix: string): Schema => ({ type: "string", pattern: `^${prefix}_[0-9a-f]{32}$` });
const email: Schema = { type: "string", format: "email" };
const body = (required: readonly string[], properties: Readonly<Record<string, Schema>>) => ({
  requestBody: { content: { "application/json": { schema: { type: "object", required, properties } } } },
});
const inPath = (prefix: string) => ({ parameters: [{ in: "path" as const, name: "id", required: true, schema: id(prefix) }] });
const filtered = { parameters: [{ in: "query" as const, name: "filter", schema: { type: "string" } }] };
const signedIn = { security: [{ token: [] }] };
const members: Schema = { type: "array", items: { type: "object", required: ["value"], properties: { value: id("usr") } } };
const patch = (value: Schema, path: string) =>
  body(["schemas", "Operations"], {
    schemas: list("api:messages:2.0:PatchOp"),
    Operations: {
      type: "array",
      minItems: 1,
      items: { type: "object", required: ["op", "path", "value"], properties: { op: text("add"), path: text(path), value } },
    },
  });
const search = { ...signedIn, ...body(["schemas"], { schemas: list("api:messages:2.0:SearchRequest"), filter: { type: "string" } }) };
const group = body(["schemas", "displayName"], {
  schemas: list("schemas:core:2.0:Group"),
  displayName: { const: "attack" },
  members,
});
/** A person's new address is tried where one is made: an address that was given away twice would be told apart by the first. */
const person = (userName: Schema) =>
  body(["schemas", "userName"], { schemas: list("schemas:core:2.0:User"), userName, displayName: { const: "attack" } });

/** The directory's door, which the platform's own description leaves out: its shapes are the protocol's. Attacked like the native API. */
export const scimPaths: Document["paths"] = {
  "/scim/v2/Users": {
    get: { operationId: "scimUsersList", ...signedIn, ...filtered },
    post: { operationId: "scimUsersCreate", ...signedIn, ...person(email) },
  },
  "/scim/v2/Users/{id}": {
    get: { operationId: "scimUsersGet", ...signedIn, ...inPath("usr") },
    put: { operationId: "scimUsersReplace", ...signedIn, ...inPath("usr"), ...person(text("attack@nowhere.example")) },
    patch: { operationId: "scimUsersPatch", ...signedIn, ...inPath("usr"), ...patch(text("attack"), "displayName") },
    delete: { operationId: "scimUsersRemove", ...signedIn, ...inPath("usr") },
  },
  "/scim/v2/Users/.search": { post: { operationId: "scimUsersSearch", ...search } },
  "/scim/v2/Groups": {
    get: { operationId: "scimGroupsList", ...signedIn, ...filtered },
    post: { operationId: "scimGroupsCreate", ...signedIn, ...group },
  },
  "/scim/v2/Groups/{id}": {
    get: { operationId: "scimGroupsGet", ...signedIn, ...inPath("scg") },
    put: { operationId: "scimGroupsReplace", ...signedIn, ...inPath("scg"), ...group },
    patch: { operationId: "scimGroupsPatch", ...signedIn, ...inPath("scg"), ...patch(members, "members") },
    delete: { operationId: "scimGroupsRemove", ...signedIn, ...inPath("scg") },
  },
  "/scim/v2/Groups/.search": { post: { operationId: "scimGroupsSearch", ...search } },
  "/scim/v2/.search": { post: { operationId: "scimSearch", ...search } },
  "/scim/v2/ServiceProviderConfig": { get: { operationId: "scimConfig", ...signedIn } },
  "/scim/v2/ResourceTypes": { get: { operationId: "scimResourceTypes", ...signedIn } },
  "/scim/v2/Schemas": { get: { operationId: "scimSchemas", ...signedIn } },
};
