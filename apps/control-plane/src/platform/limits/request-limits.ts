import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../config.js";
import { Refusal } from "../errors/refusal.js";
import { addressKey } from "./address-key.js";
import { headersOf, type Quota, take } from "./bucket.js";

/** Callers remembered at most; those that were quiet longest are forgotten first. */
const CAPACITY = 50_000;

interface Answering {
  /** Sets headers of the answer that follows, whatever it will be. */
  headers(values: Readonly<Record<string, string>>): unknown;
}

/** How often each token, session and address may ask. Counted in this process's memory: a restart forgets, and each process counts for itself. */
@Injectable()
export class RequestLimits {
  private readonly known: Quota;
  private readonly unknown: Quota;
  private readonly fullAt = new Map<string, number>();

  constructor(@Inject(CONFIG) { limits }: Pick<Config, "limits">) {
    this.known = { perMinute: limits.requestsPerMinute };
    this.unknown = { perMinute: limits.unknownPerMinute };
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

  private take(key: string, quota: Quota, answer?: Answering): void {
    if (quota.perMinute === 0) return;
    const taken = take(quota, this.fullAt.get(key) ?? null, Date.now());
    // Removed and set: the order of the map is the order of use.
    this.fullAt.delete(key);
    this.fullAt.set(key, taken.fullAt);
    const oldest = this.fullAt.keys().next();
    if (this.fullAt.size > CAPACITY && oldest.done !== true) this.fullAt.delete(oldest.value);
    const headers = headersOf(quota, taken);
    answer?.headers(headers);
    if (!taken.isTaken) throw new Refusal("limited", "Too many requests; wait as long as Retry-After says.", [], headers);
  }
}
