import { USER } from "./attributes.js";
import type { Names } from "./filter-condition.js";

/** What a directory reads of a member made by hand, until it says something of its own. */
export const OF_MEMBER = `jsonb_build_object('displayName', u.name, 'emails',
  jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true)))`;
/** Of `users u left join scim_users s`. */
export const ATTRIBUTES = `coalesce(s.attributes, ${OF_MEMBER})`;
/** Leaving is a change, whoever made it. */
export const CHANGED = "greatest(coalesce(s.updated_at, u.created_at), u.removed_at)";

const email = (name: string) => ({ kind: "text", sql: `e.value->>'${name}'` }) as const;
const part = (name: string) => ({ kind: "text", sql: `${ATTRIBUTES}#>>'{name,${name}}'` }) as const;

/** Attributes of people, in SQL. */
export const USER_NAMES: Names = {
  schema: USER.schema,
  columns: {
    schemas: { kind: "exact", sql: `'${USER.schema}'` },
    id: { kind: "exact", sql: "u.id" },
    externalId: { kind: "exact", sql: "s.external_id" },
    userName: { kind: "text", sql: "u.email" },
    displayName: { kind: "text", sql: `${ATTRIBUTES}->>'displayName'` },
    name: { kind: "parts", sql: `${ATTRIBUTES}->'name'` },
    "name.formatted": part("formatted"),
    "name.familyName": part("familyName"),
    "name.givenName": part("givenName"),
    active: { kind: "boolean", sql: "(u.removed_at is null)" },
    meta: { kind: "parts", sql: "u.created_at" },
    "meta.resourceType": { kind: "exact", sql: `'${USER.name}'` },
    "meta.created": { kind: "instant", sql: "u.created_at" },
    "meta.lastModified": { kind: "instant", sql: CHANGED },
    emails: {
      kind: "several",
      from: `jsonb_array_elements(coalesce(${ATTRIBUTES}->'emails', '[]')) with ordinality e (value, place)`,
      first: "coalesce((e.value->>'primary')::boolean, false) desc, e.place",
      sub: {
        value: email("value"),
        type: email("type"),
        display: email("display"),
        primary: { kind: "boolean", sql: "(e.value->>'primary')::boolean" },
      },
    },
    groups: {
      kind: "several",
      from: "(select g.id, g.name from scim_group_members m join scim_groups g on g.id = m.group_id where m.user_id = u.id) g",
      first: "g.id",
      sub: { value: { kind: "exact", sql: "g.id" }, display: { kind: "text", sql: "g.name" } },
    },
  },
};
