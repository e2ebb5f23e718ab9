/** Refused sign-ins in a row, of one address, of one account, or of one address for one account. */
export interface Streak {
  readonly failures: number;
  /** Seconds since the last of them. */
  readonly quietSeconds: number;
  /** Tries that are being looked at right now. */
  readonly pending: number;
}

/** How a kind of streak is slowed down. */
export interface BackoffRule {
  /** Wrong tries in a row before waiting begins; 0: it never does. */
  readonly freeTries: number;
  readonly longestWaitSeconds: number;
  /** Tries looked at side by side; right ones may come together too. */
  readonly atOnce: number;
}

/** A quiet spell this long forgets everything. */
export const FORGET_SECONDS = 15 * 60;

/**
 * Seconds to wait before the next try; 0 when it may come now. Each wait is twice as long as the one before.
 */
export function waitSeconds({ freeTries, longestWaitSeconds, atOnce }: BackoffRule, { failures, quietSeconds, pending }: Streak): number {
  if (freeTries === 0) return 0;
  if (pending >= atOnce) return 1;
  if (failures < freeTries || quietSeconds > FORGET_SECONDS) return 0;
  const wait = Math.min(2 ** (failures - freeTries), longestWaitSeconds);
  return Math.max(0, Math.ceil(wait - quietSeconds));
}
