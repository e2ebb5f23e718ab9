/**
 * Share of an average over all time, in which what lies one half-life back counts half, that a span of time has. What was held in it times
 * this weight is the span's part of the average: `2^(-(now - until) / halfLife) - 2^(-(now - from) / halfLife)`.
 */
export function decayedWeight(from: number, until: number, now: number, halfLife: number): number {
  const weigh = (at: number): number => 2 ** (-Math.max(0, now - at) / halfLife);
  return Math.max(0, weigh(until) - weigh(from));
}

/** The decayed average of something whose amount changes at instants, kept up to date without its history. */
export class DecayedAverage {
  private average = 0;
  private held = 0;
  private at: number;

  constructor(
    start: number,
    private readonly halfLife: number,
  ) {
    this.at = start;
  }

  /** From `now` on `amount` is held. */
  set(amount: number, now: number): void {
    this.average = this.of(now);
    this.at = now;
    this.held = amount;
  }

  of(now: number): number {
    const kept = 2 ** (-(now - this.at) / this.halfLife);
    return this.average * kept + this.held * (1 - kept);
  }
}
