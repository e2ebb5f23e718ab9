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
  readonly family: string | null;
  /** Whether its owner came in by their password, alone or with something beside it. */
  readonly isByPassword: boolean;
}

/** A session as its owner sees it. */
export interface SessionRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly institution_name: string;
  readonly user_id: string;
  readonly email: string;
  readonly family: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
}

export interface SessionThere {
  readonly id: string;
  readonly provider_id: string;
  readonly id_token: string;
}

/** How long a session lasts unused; each use moves its end on, at most to fourteen days after sign-in (`authenticate_session`). */
const IDLE = "12 hours";

@Injectable()
export class SessionsRepository {
  async insert(tx: Tx, session: NewSession): Promise<void> {
    await tx.query(
      `insert into sessions (id, institution_id, user_id, secret_hash, csrf_token, provider_id, provider_session, family, by_password, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + interval '${IDLE}')`,
      [
        session.id,
        session.institutionId,
        session.userId,
        session.secretHash,
        session.csrfToken,
        session.via?.providerId ?? null,
        session.via?.session ?? null,
        session.family,
        session.isByPassword,
      ],
    );
  }

  /** @param idToken closed by the vault */
  async keepIdToken(tx: Tx, sessionId: string, idToken: string): Promise<void> {
    await tx.query("update sessions set id_token = $2 where id = $1", [sessionId, idToken]);
  }

  /** Of this session, or another of its family: the one that a provider opened and may end there as well. */
  async openedThere(tx: Tx, sessionId: string): Promise<SessionThere | null> {
    const [row] = await tx.query<SessionThere>(
      `select id, provider_id, id_token from sessions
       where id_token is not null and (id = $1 or family = (select family from sessions where id = $1)) order by id = $1 desc limit 1`,
      [sessionId],
    );
    return row ?? null;
  }

  /** Whether its owner has signed in a few minutes ago. */
  async isFresh(tx: Tx, sessionId: string): Promise<boolean> {
    return (await tx.query("select 1 from sessions where id = $1 and created_at > now() - interval '10 minutes'", [sessionId])).length > 0;
  }

  /** Those of the account, and those in the family of this session; the newest first. */
  held(tx: Tx, userId: string, sessionId: string): Promise<SessionRow[]> {
    return tx.query<SessionRow>(
      `select s.id, s.institution_id, i.slug, i.name as institution_name, s.user_id, u.email, s.family, s.created_at, s.expires_at
       from sessions s join users u on u.id = s.user_id and u.removed_at is null join institutions i on i.id = s.institution_id
       where s.expires_at > now() and (s.user_id = $1 or s.family = (select family from sessions where id = $2))
       order by s.created_at desc, s.id`,
      [userId, sessionId],
    );
  }

  /** The family of a session, which is given one where it has none; locked, so that two who join do so one after the other. */
  async familyOf(tx: Tx, sessionId: string, fresh: string): Promise<string | null> {
    const [row] = await tx.query<{ family: string }>("update sessions set family = coalesce(family, $2) where id = $1 returning family", [
      sessionId,
      fresh,
    ]);
    return row?.family ?? null;
  }

  /** Whoever has the old secret has nothing: it is replaced, by one that nobody knows where none is given. */
  async renew(tx: Tx, sessionId: string, secretHash: string, csrfToken: string): Promise<boolean> {
    const rows = await tx.query("update sessions set secret_hash = $2, csrf_token = $3 where id = $1 and expires_at > now() returning id", [
      sessionId,
      secretHash,
      csrfToken,
    ]);
    return rows.length === 1;
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
