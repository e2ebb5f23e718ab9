import { createHash } from "node:crypto";
import type { AuditAction } from "@ziggurat/contracts";

/** What a service says about a state change. `before` and `after` are stored as digests, never as contents. */
export interface AuditRecord {
  /** Whose chain it enters: the owner of the object. */
  readonly institutionId: string;
  readonly action: AuditAction;
  /** Reference or id of the object. */
  readonly object: string;
  readonly reason?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** SHA-256 over canonical JSON (sorted keys), hex: the same thing has the same digest wherever it was built. */
export function auditDigest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** JSON with sorted keys and no spaces; `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
