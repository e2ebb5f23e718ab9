import { GROUP } from "./attributes.js";
import type { Names } from "./filter-condition.js";

/** Attributes of groups, in SQL, of `scim_groups g`. */
export const GROUP_NAMES: Names = {
  schema: GROUP.schema,
  columns: {
    schemas: { kind: "exact", sql: `'${GROUP.schema}'` },
    id: { kind: "exact", sql: "g.id" },
    externalId: { kind: "exact", sql: "g.external_id" },
    displayName: { kind: "text", sql: "g.name" },
    meta: { kind: "parts", sql: "g.created_at" },
    "meta.resourceType": { kind: "exact", sql: `'${GROUP.name}'` },
    "meta.created": { kind: "instant", sql: "g.created_at" },
    "meta.lastModified": { kind: "instant", sql: "g.updated_at" },
    members: {
      kind: "several",
      from: "(select user_id from scim_group_members where group_id = g.id) m",
      first: "m.user_id",
      sub: { value: { kind: "exact", sql: "m.user_id" }, type: { kind: "text", sql: "'User'" } },
    },
  },
};
