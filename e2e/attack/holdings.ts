import type { Kind } from "./kinds.js";

/** Everything of one institution that a request can name, by kind. The first of each is the one that valid requests are made of. */
export interface Holdings {
  readonly slug: string;
  readonly values: Readonly<Partial<Record<Kind, readonly string[]>>>;
  /** Of the platform's own, for valid requests about what no institution has. Nobody's secret, so it is not attacked. */
  readonly lent: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

export function allOf(holdings: Holdings, kind: Kind): readonly string[] {
  return holdings.values[kind] ?? [];
}

/** @throws when the institution has none: the seed must then make one, or the route could not be attacked */
export function firstOf(holdings: Holdings, kind: Kind): string {
  const [first] = [...allOf(holdings, kind), ...(holdings.lent[kind] ?? [])];
  if (first === undefined) throw new Error(`${holdings.slug} holds nothing of kind ${kind}; seed one in e2e/attack/seed`);
  return first;
}
