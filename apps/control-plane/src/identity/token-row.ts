import type { Token } from "@ziggurat/contracts";

/** A token as it is shown: a person's own, or a service account's. */
export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string[];
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly last_used_from: string | null;
}

/** Of the table `tokens` as `t`. */
export const TOKEN_COLUMNS = "t.id, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.last_used_from";

/** What a contract's schema is given to parse. */
export function tokenFields(row: TokenRow): Record<keyof Token, unknown> {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    lastUsedFrom: row.last_used_from,
  };
}
