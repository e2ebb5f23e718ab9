import { Injectable } from "@nestjs/common";
import { Token } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import { TOKEN_COLUMNS, type TokenRow, tokenFields } from "./token-row.js";

export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secretHash: string;
  readonly expiresAt: string;
}

/** Tokens of the viewer alone; nobody sees another's. */
@Injectable()
export class TokensRepository {
  async insert(tx: Tx, token: NewToken): Promise<Token> {
    const [row] = await tx.query<TokenRow>(
      `insert into tokens as t (id, institution_id, user_id, name, scopes, secret_hash, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${TOKEN_COLUMNS}`,
      [token.id, tx.viewer.institutionId, tx.viewer.userId, token.name, token.scopes, token.secretHash, token.expiresAt],
    );
    if (row === undefined) throw new Error("the new token was not answered");
    return tokenOf(row);
  }

  /** Newest first, before the given id; without the revoked ones. */
  async list(tx: Tx, limit: number, beforeId: string | null): Promise<readonly Token[]> {
    const rows = await tx.query<TokenRow>(
      `select ${TOKEN_COLUMNS} from tokens t where user_id = $1 and revoked_at is null and ($2::text is null or id < $2) order by id desc limit $3`,
      [tx.viewer.userId, beforeId, limit],
    );
    return rows.map(tokenOf);
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from tokens where user_id = $1 and revoked_at is null", [
      tx.viewer.userId,
    ]);
    return row?.n ?? 0;
  }

  /** The viewer's token, locked, unless it was revoked or has ended. */
  async lock(tx: Tx, id: string): Promise<Token | null> {
    const [row] = await tx.query<TokenRow>(
      `select ${TOKEN_COLUMNS} from tokens t where id = $1 and user_id = $2 and revoked_at is null and expires_at > now() for update`,
      [id, tx.viewer.userId],
    );
    return row === undefined ? null : tokenOf(row);
  }

  async endAt(tx: Tx, id: string, at: string): Promise<void> {
    await tx.query("update tokens set expires_at = $2 where id = $1", [id, at]);
  }

  async revoke(tx: Tx, id: string): Promise<Token | null> {
    const [row] = await tx.query<TokenRow>(
      `update tokens t set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null returning ${TOKEN_COLUMNS}`,
      [id, tx.viewer.userId],
    );
    return row === undefined ? null : tokenOf(row);
  }
}

function tokenOf(row: TokenRow): Token {
  return Token.parse(tokenFields(row));
}
