import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import { FORGET_SECONDS, type Streak } from "./sign-in-streak.js";

/** A try under way for longer was cut off with its process. */
const STUCK_SECONDS = 30;

/** Whom an audit entry about refused sign-ins is about. */
export interface Noted {
  readonly institutionId: string;
  readonly id: string;
}

interface Unnoted {
  readonly unnoted: number;
  readonly noted: readonly Noted[];
}

@Injectable()
export class SignInStreaksRepository {
  /** The streaks of these keys; that of `pair` is locked until the transaction ends, so that tries which come at once are let in one by one. */
  async lock(tx: Tx, pair: string, keys: readonly string[]): Promise<ReadonlyMap<string, Streak>> {
    await tx.query("insert into sign_in_streaks (key) values ($1) on conflict do nothing", [pair]);
    await tx.query("select 1 from sign_in_streaks where key = $1 for update", [pair]);
    return this.find(tx, keys);
  }

  async find(tx: Tx, keys: readonly string[]): Promise<ReadonlyMap<string, Streak>> {
    const rows = await tx.query<{ key: string; failures: number; quiet: number; pending: number }>(
      `select key, failures, extract(epoch from clock_timestamp() - last_at)::float8 as quiet,
         case when pending_at < clock_timestamp() - interval '${STUCK_SECONDS} seconds' then 0 else pending end as pending
       from sign_in_streaks where key = any($1)`,
      [keys],
    );
    return new Map(rows.map(({ key, failures, quiet, pending }) => [key, { failures, quietSeconds: quiet, pending }]));
  }

  async begin(tx: Tx, key: string): Promise<void> {
    await tx.query(
      `update sign_in_streaks set pending = 1 + case when pending_at < clock_timestamp() - interval '${STUCK_SECONDS} seconds' then 0 else pending end,
         pending_at = clock_timestamp() where key = $1`,
      [key],
    );
  }

  async end(tx: Tx, key: string): Promise<void> {
    await tx.query("update sign_in_streaks set pending = greatest(pending - 1, 0) where key = $1", [key]);
  }

  /** One more for each of these; those that were quiet for long begin anew. */
  async count(tx: Tx, keys: readonly string[]): Promise<void> {
    // Always in one order, so that no two transactions wait for each other.
    await tx.query(
      `insert into sign_in_streaks as s (key, failures, last_at) select key, 1, clock_timestamp() from unnest($1::text[]) key order by key
       on conflict (key) do update set last_at = excluded.last_at,
         failures = case when s.last_at < excluded.last_at - $2 * interval '1 second' then 1 else s.failures + 1 end`,
      [keys.toSorted(), FORGET_SECONDS],
    );
  }

  async forget(tx: Tx, keys: readonly string[]): Promise<void> {
    await tx.query(
      `with found as (select key from sign_in_streaks where key = any($1) and failures > 0 order by key for update)
       update sign_in_streaks s set failures = 0 from found where s.key = found.key`,
      [keys],
    );
  }

  /** A try that was turned away unread: it will stand in the next audit entry. */
  async turnedAway(tx: Tx, key: string): Promise<void> {
    await tx.query(
      "insert into sign_in_streaks as s (key, unnoted) values ($1, 1) on conflict (key) do update set unnoted = s.unnoted + 1",
      [key],
    );
  }

  /** Takes what stands in no audit entry yet, for an entry about these. */
  async takeUnnoted(tx: Tx, key: string, noted: readonly Noted[]): Promise<number> {
    const [row] = await tx.query<{ unnoted: number }>(
      `with before as (select key, unnoted from sign_in_streaks where key = $1 for update)
       update sign_in_streaks s set unnoted = 0, noted = $2 from before where s.key = before.key returning before.unnoted`,
      [key, JSON.stringify(noted)],
    );
    return row?.unnoted ?? 0;
  }

  /** The same of those whose attacker has gone quiet, so that no further try will note them. */
  takeQuiet(tx: Tx, quietSeconds: number): Promise<Unnoted[]> {
    return tx.query<Unnoted>(
      `with before as (
         select key, unnoted, noted from sign_in_streaks
         where unnoted > 0 and last_at < now() - $1 * interval '1 second' order by key limit 1000 for update skip locked)
       update sign_in_streaks s set unnoted = 0 from before where s.key = before.key returning before.unnoted, before.noted`,
      [quietSeconds],
    );
  }

  async sweep(tx: Tx): Promise<void> {
    await tx.query(
      `delete from sign_in_streaks where key in (
         select key from sign_in_streaks where unnoted = 0 and last_at < now() - $1 * interval '1 second' limit 1000 for update skip locked)`,
      [FORGET_SECONDS],
    );
  }
}
