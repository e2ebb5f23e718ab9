import { Injectable } from "@nestjs/common";
import { ServiceToken } from "@ziggurat/contracts";
import { TOKEN_COLUMNS, type TokenRow, tokenFields } from "../identity/token-row.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewServiceToken {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secretHash: string;
  readonly expiresAt: string;
}

interface ServiceTokenRow extends TokenRow {
  readonly made_by: string | null;
}

const SELECT = `select ${TOKEN_COLUMNS}, m.name as made_by
  from tokens t left join users m on m.id = t.made_by where t.user_id = $1 and t.revoked_at is null`;

/** Tokens of programs, of the viewer's own institution alone. */
@Injectable()
export class ServiceTokensRepository {
  async insert(tx: Tx, token: NewServiceToken): Promise<void> {
    await tx.query(
      `insert into tokens (id, institution_id, user_id, name, scopes, secret_hash, expires_at, made_by) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [token.id, tx.viewer.institutionId, token.accountId, token.name, token.scopes, token.secretHash, token.expiresAt, tx.viewer.userId],
    );
  }

  /** Newest first, before the given id; without the revoked ones. */
  async list(tx: Tx, accountId: string, limit: number, beforeId: string | null): Promise<ServiceToken[]> {
    const rows = await tx.query<ServiceTokenRow>(`${SELECT} and ($2::text is null or t.id < $2) order by t.id desc limit $3`, [
      accountId,
      beforeId,
      limit,
    ]);
    return rows.map(tokenOf);
  }

  async find(tx: Tx, accountId: string, id: string): Promise<ServiceToken | null> {
    const [row] = await tx.query<ServiceTokenRow>(`${SELECT} and t.id = $2`, [accountId, id]);
    return row === undefined ? null : tokenOf(row);
  }

  /** One that still opens something, locked. */
  async lock(tx: Tx, accountId: string, id: string): Promise<ServiceToken | null> {
    const rows = await tx.query(
      "select 1 from tokens where id = $1 and user_id = $2 and revoked_at is null and expires_at > now() for update",
      [id, accountId],
    );
    return rows.length === 0 ? null : this.find(tx, accountId, id);
  }

  async endAt(tx: Tx, id: string, at: string): Promise<void> {
    await tx.query("update tokens set expires_at = $2 where id = $1", [id, at]);
  }

  async revoke(tx: Tx, accountId: string, id: string): Promise<boolean> {
    const rows = await tx.query("update tokens set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null returning id", [
      id,
      accountId,
    ]);
    return rows.length === 1;
  }
}

function tokenOf(row: ServiceTokenRow): ServiceToken {
  return ServiceToken.parse({ ...tokenFields(row), madeBy: row.made_by ?? "" });
}
