import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../config.js";
import { Refusal } from "../errors/refusal.js";
import { addressKey } from "./address-key.js";
import { areShared } from "./are-shared.js";
import { headersOf, type Quota, stepMs, take } from "./bucket.js";

/** Callers remembered at most; those that were quiet longest are forgotten first. */
const CAPACITY = 50_000;

interface Answering {
  /** Sets headers of the answer that follows, whatever it will be. */
  headers(values: Readonly<Record<string, string>>): unknown;
}

/**
 * How often each token, session and address may ask. Decided by what this process's memory says; where there are several processes,
 * `SharedLimits` tells each what the others let through. A restart forgets what it has not told.
 */
@Injectable()
export class RequestLimits {
  private readonly known: Quota;
  private readonly unknown: Quota;
  private readonly fullAt = new Map<string, number>();
  /** Milliseconds of each bucket that were taken here and not told to other processes yet; null where there are none. */
  private readonly spent: Map<string, number> | null;

  constructor(@Inject(CONFIG) config: Pick<Config, "limits" | "role" | "database">) {
    this.known = { perMinute: config.limits.requestsPerMinute };
    this.unknown = { perMinute: config.limits.unknownPerMinute };
    this.spent = areShared(config) ? new Map() : null;
  }

  /**
   * A request of somebody who proved who they are: counted by token or session, whatever address it came from.
   * @param credentialId of the token or session. Never what was merely sent: a made-up token must not open a bucket of its own
   * @throws Refusal `limited`
   */
  takeKnown(credentialId: string, answer: Answering): void {
    this.take(credentialId, this.known, answer);
  }

  /**
   * A request of nobody in particular, also one whose token or session was not valid: counted by address.
   * @throws Refusal `limited`
   */
  takeUnknown(address: string, answer?: Answering): void {
    this.take(`address ${addressKey(address)}`, this.unknown, answer);
  }

  /** What was let through since it was last asked: callers, at most so many, with the milliseconds of their buckets. */
  takeSpent(most: number): ReadonlyMap<string, number> {
    const told = new Map<string, number>();
    for (const [key, ms] of this.spent ?? []) {
      if (told.size === most) break;
      told.set(key, ms);
      this.spent?.delete(key);
    }
    return told;
  }

  /** What could not be told is told the next time. */
  giveBack(spent: ReadonlyMap<string, number>): void {
    for (const [key, ms] of spent) this.spend(key, ms);
  }

  /** @param usedMs what all processes together let through and has not come back yet */
  learn(key: string, usedMs: number): void {
    const fullAt = this.fullAt.get(key);
    if (fullAt !== undefined) this.fullAt.set(key, Math.max(fullAt, Date.now() + usedMs + (this.spent?.get(key) ?? 0)));
  }

  private spend(key: string, ms: number): void {
    const before = this.spent?.get(key);
    // While nothing can be told it is not to grow for ever.
    if (before !== undefined || (this.spent?.size ?? 0) < CAPACITY) this.spent?.set(key, (before ?? 0) + ms);
  }

  private take(key: string, quota: Quota, answer?: Answering): void {
    if (quota.perMinute === 0) return;
    const taken = take(quota, this.fullAt.get(key) ?? null, Date.now());
    // Removed and set: the order of the map is the order of use.
    this.fullAt.delete(key);
    this.fullAt.set(key, taken.fullAt);
    if (taken.isTaken) this.spend(key, stepMs(quota));
    const oldest = this.fullAt.keys().next();
    if (this.fullAt.size > CAPACITY && oldest.done !== true) this.fullAt.delete(oldest.value);
    const headers = headersOf(quota, taken);
    answer?.headers(headers);
    if (!taken.isTaken) throw new Refusal("limited", "Too many requests; wait as long as Retry-After says.", [], headers);
  }
}
