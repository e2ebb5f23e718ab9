import { SCIM_PREFIX } from "../platform/errors/scim-refusal.js";
import { type Attribute, GROUP, type ResourceType, USER } from "./attributes.js";
import type { Json } from "./read-resource.js";
import { MOST_RESOURCES } from "./scim-query.js";

const CORE = "urn:ietf:params:scim:schemas:core:2.0";

/** RFC 7643, section 5. */
export function serviceProviderConfig(url: string): Json {
  return {
    schemas: [`${CORE}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MOST_RESOURCES },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "Bearer token",
        description: "A token of the institution's with the scope directory:write",
        specUri: "https://www.rfc-editor.org/info/rfc6750",
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${url}${SCIM_PREFIX}/ServiceProviderConfig` },
  };
}

/** RFC 7643, section 6. */
export function resourceTypes(url: string): readonly Json[] {
  return [USER, GROUP].map(({ name, endpoint, description, schema }) => ({
    schemas: [`${CORE}:ResourceType`],
    id: name,
    name,
    endpoint,
    description,
    schema,
    meta: { resourceType: "ResourceType", location: `${url}${SCIM_PREFIX}/ResourceTypes/${name}` },
  }));
}

/** RFC 7643, section 7. */
export function schemas(url: string): readonly Json[] {
  return [USER, GROUP].map(({ name, description, schema, attributes }: ResourceType) => ({
    schemas: [`${CORE}:Schema`],
    id: schema,
    name,
    description,
    attributes: attributes.map(described),
    meta: { resourceType: "Schema", location: `${url}${SCIM_PREFIX}/Schemas/${schema}` },
  }));
}

function described(attribute: Attribute): Json {
  const { name, type, description, subAttributes, canonicalValues, referenceTypes } = attribute;
  return {
    name,
    type,
    description,
    multiValued: attribute.multiValued ?? false,
    required: attribute.required ?? false,
    // Addresses are never folded (RFC 7643, section 2.3.7).
    ...(type === "string" || type === "reference" ? { caseExact: type === "reference" || (attribute.caseExact ?? false) } : {}),
    mutability: attribute.mutability ?? "readWrite",
    returned: "default",
    uniqueness: attribute.uniqueness ?? "none",
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(described) }),
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(referenceTypes === undefined ? {} : { referenceTypes }),
  };
}
