import { Injectable } from "@nestjs/common";
import { Passkey } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewPasskey {
  readonly id: string;
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly isSynced: boolean;
}

/** A passkey as it is checked, with whose it is. */
export interface StoredPasskey {
  readonly id: string;
  readonly user_id: string;
  readonly credential_id: string;
  readonly public_key: Buffer;
  readonly counter: string;
}

interface PasskeyRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
  readonly is_synced: boolean;
}

export interface Challenge {
  readonly challenge: string;
  readonly user_id: string | null;
}

const COLUMNS = "id, name, created_at, last_used_at, is_synced";
const MINUTES = 5;

@Injectable()
export class PasskeysRepository {
  async list(tx: Tx, userId: string): Promise<readonly Passkey[]> {
    return (await tx.query<PasskeyRow>(`select ${COLUMNS} from passkeys where user_id = $1 order by id`, [userId])).map(passkeyOf);
  }

  async credentialIds(tx: Tx, userId: string): Promise<readonly string[]> {
    const rows = await tx.query<{ credential_id: string }>("select credential_id from passkeys where user_id = $1", [userId]);
    return rows.map(({ credential_id }) => credential_id);
  }

  async insert(tx: Tx, passkey: NewPasskey): Promise<Passkey> {
    const [row] = await tx.query<PasskeyRow>(
      `insert into passkeys (id, user_id, institution_id, credential_id, public_key, counter, transports, name, is_synced)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
      [
        passkey.id,
        tx.viewer.userId,
        tx.viewer.institutionId,
        passkey.credentialId,
        Buffer.from(passkey.publicKey),
        passkey.counter,
        passkey.transports,
        passkey.name,
        passkey.isSynced,
      ],
    );
    if (row === undefined) throw new Error("the new passkey was not answered");
    return passkeyOf(row);
  }

  /** Of somebody who may sign in. */
  async find(tx: Tx, credentialId: string): Promise<StoredPasskey | null> {
    const [row] = await tx.query<StoredPasskey>(
      `select p.id, p.user_id, p.credential_id, p.public_key, p.counter from passkeys p join users u on u.id = p.user_id
       where p.credential_id = $1 and u.removed_at is null`,
      [credentialId],
    );
    return row ?? null;
  }

  /** @returns whether the authenticator's count went on, or it never counts */
  async noteUse(tx: Tx, id: string, counter: number): Promise<boolean> {
    const rows = await tx.query(
      "update passkeys set counter = $2, last_used_at = now() where id = $1 and (counter < $2 or counter = 0 and $2 = 0) returning 1",
      [id, counter],
    );
    return rows.length > 0;
  }

  async remove(tx: Tx, userId: string, id: string): Promise<Passkey | null> {
    const [row] = await tx.query<PasskeyRow>(`delete from passkeys where id = $1 and user_id = $2 returning ${COLUMNS}`, [id, userId]);
    return row === undefined ? null : passkeyOf(row);
  }

  async askFor(tx: Tx, asked: { id: string; challenge: string; purpose: "register" | "sign_in"; userId: string | null }): Promise<void> {
    await tx.query("delete from passkey_challenges where expires_at < now()");
    await tx.query(
      `insert into passkey_challenges (id, institution_id, challenge, purpose, user_id, expires_at)
       values ($1, $2, $3, $4, $5, now() + interval '${MINUTES} minutes')`,
      [asked.id, tx.viewer.institutionId, asked.challenge, asked.purpose, asked.userId],
    );
  }

  /** Takes a challenge, once: whatever becomes of the answer, it is gone. */
  async take(tx: Tx, id: string, purpose: "register" | "sign_in"): Promise<Challenge | null> {
    const [row] = await tx.query<Challenge>(
      "delete from passkey_challenges where id = $1 and purpose = $2 and expires_at > now() returning challenge, user_id",
      [id, purpose],
    );
    return row ?? null;
  }
}

function passkeyOf({ id, name, created_at, last_used_at, is_synced }: PasskeyRow): Passkey {
  return Passkey.parse({
    id,
    name,
    createdAt: created_at.toISOString(),
    lastUsedAt: last_used_at?.toISOString() ?? null,
    isSynced: is_synced,
  });
}
