/** So many requests in a minute, all of them at once if one likes; what was used comes back evenly. */
export interface Quota {
  /** Requests in a minute; 0: no limit. */
  readonly perMinute: number;
}

/** What one request leaves of a quota. */
export interface Taken {
  readonly isTaken: boolean;
  /** Requests that may follow at once. */
  readonly left: number;
  /** Milliseconds until one more may follow; 0 when it may now. */
  readonly waitMs: number;
  /** The moment at which everything that was used has come back, milliseconds: all that has to be remembered. */
  readonly fullAt: number;
}

const MINUTE_MS = 60_000;

/** Milliseconds in which one request comes back. */
export function stepMs({ perMinute }: Quota): number {
  return MINUTE_MS / perMinute;
}

/**
 * Takes one request out of a bucket that fills again evenly (the generic cell rate algorithm). Unlike a window that begins anew every
 * minute it lets nobody double the rate at the seam, and whoever asks at a calm pace always finds the same number left.
 * @param fullAt what was answered the last time, null for a bucket not used before
 * @param now milliseconds
 */
export function take(quota: Quota, fullAt: number | null, now: number): Taken {
  const step = stepMs(quota);
  const before = Math.max(fullAt ?? now, now);
  const after = before + step;
  // A thousandth of a step forgives what adding fractions loses.
  const isTaken = after - now <= MINUTE_MS + step / 1000;
  const reached = isTaken ? after : before;
  return {
    isTaken,
    left: Math.max(0, Math.floor((MINUTE_MS - (reached - now)) / step + 0.001)),
    waitMs: isTaken ? 0 : after - now - MINUTE_MS,
    fullAt: reached,
  };
}

/**
 * Headers of the IETF draft (RateLimit header fields for HTTP, draft 10) and their older cousins. What is left is said in hundredths of the
 * quota until little is left: a number that changes with every request would tell nothing more, and would make no two answers alike.
 */
export function headersOf({ perMinute }: Quota, { isTaken, left, waitMs }: Taken): Record<string, string> {
  const step = left * 10 > perMinute ? Math.max(1, Math.floor(perMinute / 100)) : 1;
  const said = Math.floor(left / step) * step;
  const resetSeconds = Math.max(1, Math.ceil((perMinute - said) * (60 / perMinute)));
  return {
    "ratelimit-policy": `"default";q=${perMinute};w=60`,
    ratelimit: `"default";r=${said};t=${resetSeconds}`,
    "x-ratelimit-limit": String(perMinute),
    "x-ratelimit-remaining": String(said),
    "x-ratelimit-reset": String(resetSeconds),
    ...(isTaken ? {} : { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) }),
  };
}
