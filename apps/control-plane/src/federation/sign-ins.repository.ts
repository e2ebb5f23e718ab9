import { Injectable } from "@nestjs/common";
import type { Asker } from "../identity/session-families.service.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { Place } from "../platform/keys/vault.js";

/** Somebody who is signed in, and sends the browser to connect an account with their own, or to sign in to another institution beside this one. */
export interface TripAsker extends Asker {
  readonly purpose: "link" | "join";
}

/** A sign-in on its way through a browser, or a sign-out on its way to a provider. */
export interface PendingSignIn {
  readonly providerId: string;
  readonly institutionId: string;
  /** Closed by the vault. */
  readonly secrets: string;
  readonly returnTo: string;
  /** Set where somebody asks who is signed in, and what for. */
  readonly asker: TripAsker | null;
}

interface Row {
  readonly provider_id: string;
  readonly institution_id: string;
  readonly secrets: string;
  readonly return_to: string;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly purpose: TripAsker["purpose"] | null;
}

const COLUMNS = "provider_id, institution_id, secrets, return_to, user_id, session_id, purpose";

@Injectable()
export class SignInsRepository {
  async insert(tx: Tx, stateHash: string, browserHash: string, pending: PendingSignIn): Promise<void> {
    await tx.query("delete from federated_sign_ins where expires_at < now()");
    await tx.query(
      `insert into federated_sign_ins (state_hash, browser_hash, ${COLUMNS}, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '10 minutes')`,
      [
        stateHash,
        browserHash,
        pending.providerId,
        pending.institutionId,
        pending.secrets,
        pending.returnTo,
        pending.asker?.userId ?? null,
        pending.asker?.sessionId ?? null,
        pending.asker?.purpose ?? null,
      ],
    );
  }

  /** Takes a sign-in out, once, in the browser that it began in. */
  async take(tx: Tx, providerId: string, stateHash: string, browserHash: string): Promise<PendingSignIn | null> {
    const [row] = await tx.query<Row>(
      `delete from federated_sign_ins where state_hash = $1 and browser_hash = $2 and provider_id = $3 and expires_at > now() returning ${COLUMNS}`,
      [stateHash, browserHash, providerId],
    );
    return row === undefined ? null : pendingOf(row);
  }

  /** Whichever browser it is in: where the provider's page posts to us, no cookie comes along. */
  async find(tx: Tx, providerId: string, stateHash: string): Promise<PendingSignIn | null> {
    const [row] = await tx.query<Row>(
      `select ${COLUMNS} from federated_sign_ins where state_hash = $1 and provider_id = $2 and expires_at > now()`,
      [stateHash, providerId],
    );
    return row === undefined ? null : pendingOf(row);
  }

  async drop(tx: Tx, stateHash: string): Promise<void> {
    await tx.query("delete from federated_sign_ins where state_hash = $1", [stateHash]);
  }

  /** Goes on under another name, with what was learned. @returns false when somebody else went on with it before */
  async rename(tx: Tx, stateHash: string, newHash: string, secrets: string): Promise<boolean> {
    const rows = await tx.query("update federated_sign_ins set state_hash = $2, secrets = $3 where state_hash = $1 returning 1", [
      stateHash,
      newHash,
      secrets,
    ]);
    return rows.length > 0;
  }

  /** Notes that an assertion or a logout token was taken. @returns false when it was before */
  async spend(
    tx: Tx,
    provider: { readonly id: string; readonly institutionId: string },
    assertionId: string,
    until: Date,
  ): Promise<boolean> {
    await tx.query("delete from spent_assertions where expires_at < now()");
    const rows = await tx.query(
      `insert into spent_assertions (provider_id, institution_id, assertion_id, expires_at) values ($1, $2, $3, $4)
       on conflict do nothing returning 1`,
      [provider.id, provider.institutionId, assertionId, until.toISOString()],
    );
    return rows.length > 0;
  }
}

function pendingOf(row: Row): PendingSignIn {
  return {
    providerId: row.provider_id,
    institutionId: row.institution_id,
    secrets: row.secrets,
    returnTo: row.return_to,
    asker:
      row.user_id === null || row.session_id === null || row.purpose === null
        ? null
        : { userId: row.user_id, sessionId: row.session_id, purpose: row.purpose },
  };
}

/** Where the vault keeps the secrets of a trip. */
export function tripOf(stateHash: string): Place {
  return { table: "federated_sign_ins", row: stateHash };
}
