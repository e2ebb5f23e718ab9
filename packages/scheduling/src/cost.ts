/** A price for an hour on one place, in minor units of money, from an instant on until the next. */
export interface DatedPrice {
  readonly amount: number;
  readonly validFrom: Date;
}

const HOUR_MS = 3_600_000n;
const GIB = 1024n ** 3n;

/** The price that held at an instant; 0 where there was none. */
export function priceAt(prices: readonly DatedPrice[], at: Date): number {
  let found: DatedPrice | null = null;
  for (const price of prices) {
    if (price.validFrom <= at && (found === null || price.validFrom >= found.validFrom)) found = price;
  }
  return found?.amount ?? 0;
}

/** Cost of whole milliseconds on one place. Exact: no floating point on the way, half a minor unit is rounded up. */
export function costOf(milliseconds: number, pricePerHour: number): number {
  return halfUp(BigInt(Math.max(0, Math.round(milliseconds))) * BigInt(pricePerHour), HOUR_MS);
}

/** Cost of what was stored on the days of a month, each with the price of a GiB for a month on that day. Rounded once, at the end. */
export function storageCost(days: readonly { readonly bytes: number; readonly price: number }[], daysOfMonth: number): number {
  const sum = days.reduce((total, { bytes, price }) => total + BigInt(bytes) * BigInt(price), 0n);
  return halfUp(sum, GIB * BigInt(daysOfMonth));
}

/**
 * Splits an amount by weights so that the parts add up to it: each gets the whole units of its share, and the units left over go to the
 * largest fractions, on a tie to whoever stands first. Equal parts where no weight is above zero.
 */
export function splitByLargestRemainder(amount: number, weights: readonly number[]): number[] {
  if (weights.length === 0) return [];
  const given = weights.map((weight) => BigInt(Math.max(0, Math.round(weight))));
  const counted = given.some((weight) => weight > 0n) ? given : given.map(() => 1n);
  const sum = counted.reduce((total, weight) => total + weight, 0n);
  const whole = BigInt(amount);
  const shares = counted.map((weight, index) => ({ index, part: (whole * weight) / sum, rest: absolute((whole * weight) % sum) }));
  const left = absolute(whole - shares.reduce((total, { part }) => total + part, 0n));
  const unit = whole < 0n ? -1n : 1n;
  const first = new Set(
    [...shares]
      .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
      .slice(0, Number(left))
      .map(({ index }) => index),
  );
  return shares.map(({ index, part }) => Number(first.has(index) ? part + unit : part));
}

function halfUp(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
