import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of choices that one seed decides completely. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** One element; an empty list is a defect of the caller and throws. */
  pick<T>(items: readonly T[]): T;
  /** The same elements in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** Random stream of `seed` (a 32-bit integer). The same seed gives the same stream on every machine. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const int = (low: number, high: number) => uniformInt(generator, low, high);
  return {
    int,
    pick(items) {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
    shuffle(items) {
      return items
        .map((item) => ({ item, key: int(0, 0x7fffffff) }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item);
    },
  };
}
