/** Wrong passwords in a row before waiting begins. */
const FREE_TRIES = 5;
const LONGEST_WAIT_SECONDS = 300;
/** A quiet spell this long forgets everything, milliseconds. */
const FORGET_MS = 15 * 60_000;
/** Pairs remembered at most; the oldest are forgotten first. */
const CAPACITY = 10_000;

interface Streak {
  readonly failures: number;
  readonly lastAt: number;
}

/** Slows guessing down: after a few failures from one address for one account, each next try waits twice as long. */
export class LoginBackoff {
  private readonly failed = new Map<string, Streak>();

  /** Seconds to wait before this pair may try again; 0 when it may now. `now` in milliseconds. */
  waitSeconds(address: string, email: string, now: number): number {
    const record = this.failed.get(keyOf(address, email));
    if (record === undefined || record.failures < FREE_TRIES || now - record.lastAt > FORGET_MS) return 0;
    const wait = Math.min(2 ** (record.failures - FREE_TRIES), LONGEST_WAIT_SECONDS) * 1000;
    return Math.max(0, Math.ceil((record.lastAt + wait - now) / 1000));
  }

  failedAt(address: string, email: string, now: number): void {
    const key = keyOf(address, email);
    const before = this.failed.get(key);
    this.failed.delete(key);
    this.failed.set(key, { failures: (before !== undefined && now - before.lastAt <= FORGET_MS ? before.failures : 0) + 1, lastAt: now });
    const oldest = this.failed.keys().next();
    if (this.failed.size > CAPACITY && oldest.done !== true) this.failed.delete(oldest.value);
  }

  succeeded(address: string, email: string): void {
    this.failed.delete(keyOf(address, email));
  }
}

const keyOf = (address: string, email: string): string => `${address} ${email}`;
