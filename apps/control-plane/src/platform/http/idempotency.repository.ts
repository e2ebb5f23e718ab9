import { Injectable } from "@nestjs/common";
import { PLATFORM_ID, PLATFORM_SLUG } from "../database/ids.js";
import { UnitOfWork } from "../database/unit-of-work.js";
import { systemViewer, type Viewer } from "../database/viewer.js";

/** What is known about a key of this caller on this path. */
export interface KeyState {
  readonly bodyDigest: string;
  /** What the first request changed; null while it has changed nothing. */
  readonly effect: string | null;
  readonly answer: StoredAnswer | null;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface KeyRow {
  readonly body_digest: string;
  readonly effect: string | null;
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly body: unknown;
}

const SWEEPER = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "keys");
const KEPT = "24 hours";
/** A request that still runs after this long was lost with its process. */
const ABANDONED = "1 minute";

/**
 * Keys are notes beside a change. The change itself writes its effect to its key, and its commit writes out the claim before it, so a
 * crash of the database can lose the wording of an answer and never that the change was made.
 */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Takes the key for this request: null when it is ours now, else what another request made of it. */
  async claim(viewer: Viewer, path: string, key: string, bodyDigest: string): Promise<KeyState | null> {
    return this.unitOfWork.note(viewer, async (tx) => {
      const taken = await tx.query(
        `insert into idempotency_keys (user_id, path, key, institution_id, body_digest) values ($1, $2, $3, $4, $5)
         on conflict (user_id, path, key) do update
           set created_at = now(), body_digest = excluded.body_digest, effect = null, status = null, headers = null, body = null
           where idempotency_keys.created_at < now() - interval '${KEPT}'
             or (idempotency_keys.status is null and idempotency_keys.effect is null
               and idempotency_keys.body_digest = excluded.body_digest
               and idempotency_keys.created_at < now() - interval '${ABANDONED}')
         returning 1`,
        [viewer.userId, path, key, viewer.institutionId, bodyDigest],
      );
      if (taken.length > 0) return null;
      const [row] = await tx.query<KeyRow>(
        "select body_digest, effect, status, headers, body from idempotency_keys where user_id = $1 and path = $2 and key = $3",
        [viewer.userId, path, key],
      );
      // Given up by its first request between our two statements: whoever asks again gets it.
      if (row === undefined) return { bodyDigest, effect: null, answer: null };
      return {
        bodyDigest: row.body_digest,
        effect: row.effect,
        answer: row.status === null ? null : { status: row.status, headers: row.headers ?? {}, body: row.body },
      };
    });
  }

  async store(viewer: Viewer, path: string, key: string, answer: StoredAnswer): Promise<void> {
    await this.unitOfWork.note(viewer, (tx) =>
      tx.query("update idempotency_keys set status = $4, headers = $5, body = $6 where user_id = $1 and path = $2 and key = $3", [
        viewer.userId,
        path,
        key,
        answer.status,
        JSON.stringify(answer.headers),
        JSON.stringify(answer.body ?? null),
      ]),
    );
  }

  /** Lets go of a key whose request was refused, unless it had taken effect before it failed. */
  async release(viewer: Viewer, path: string, key: string): Promise<void> {
    await this.unitOfWork.note(viewer, (tx) =>
      tx.query("delete from idempotency_keys where user_id = $1 and path = $2 and key = $3 and effect is null and status is null", [
        viewer.userId,
        path,
        key,
      ]),
    );
  }

  /** Forgets keys past their time, of everybody. @returns how many, at most `limit` */
  async sweep(limit: number): Promise<number> {
    const gone = await this.unitOfWork.note(SWEEPER, (tx) =>
      tx.query(
        `delete from idempotency_keys where ctid in (
           select ctid from idempotency_keys where created_at < now() - interval '${KEPT}' limit $1) returning 1`,
        [limit],
      ),
    );
    return gone.length;
  }
}
