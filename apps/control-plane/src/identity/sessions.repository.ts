import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewSession {
  readonly id: string;
  readonly institutionId: string;
  readonly userId: string;
  readonly secretHash: string;
  readonly csrfToken: string;
  /** The provider that said who it is, and its own name of its session; null for a password. */
  readonly via: { readonly providerId: string; readonly session: string | null } | null;
}

/** How long a session lasts unused; each use moves its end on, at most to fourteen days after sign-in (`authenticate_session`). */
const IDLE = "12 hours";

@Injectable()
export class SessionsRepository {
  async insert(tx: Tx, session: NewSession): Promise<void> {
    await tx.query(
      `insert into sessions (id, institution_id, user_id, secret_hash, csrf_token, provider_id, provider_session, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + interval '${IDLE}')`,
      [
        session.id,
        session.institutionId,
        session.userId,
        session.secretHash,
        session.csrfToken,
        session.via?.providerId ?? null,
        session.via?.session ?? null,
      ],
    );
  }

  /** Whether its owner has signed in a few minutes ago. */
  async isFresh(tx: Tx, sessionId: string): Promise<boolean> {
    return (await tx.query("select 1 from sessions where id = $1 and created_at > now() - interval '10 minutes'", [sessionId])).length > 0;
  }

  async end(tx: Tx, sessionId: string): Promise<void> {
    await tx.query("delete from sessions where id = $1", [sessionId]);
  }

  /** Ends every session of the user but the given one (null: all of them). */
  async endOthers(tx: Tx, userId: string, keptSessionId: string | null): Promise<void> {
    await tx.query("delete from sessions where user_id = $1 and id is distinct from $2", [userId, keptSessionId]);
  }

  /** Ends sessions that a provider opened: the one it names, or all of a person. @returns whose they were */
  async endOfProvider(tx: Tx, providerId: string, session: string | null, userId: string | null): Promise<readonly string[]> {
    const rows = await tx.query<{ user_id: string }>(
      `delete from sessions where provider_id = $1 and ($2::text is null or provider_session = $2) and ($3::text is null or user_id = $3)
       returning user_id`,
      [providerId, session, userId],
    );
    return [...new Set(rows.map(({ user_id }) => user_id))];
  }

  async sweep(tx: Tx): Promise<void> {
    await tx.query("delete from sessions where expires_at < now()");
  }
}
