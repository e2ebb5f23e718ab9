import type { Terms } from "@ziggurat/contracts";

/** A region no institution lies in: what is left when two lists of regions have nothing in common. An empty list means anywhere. */
export const NOWHERE = "nowhere";

/** The strictest terms along an ancestry. Only ever narrows: no child may do what one of its parents forbids. */
export function effectiveTerms(own: Terms, parents: readonly Terms[]): Terms {
  return parents.reduce(narrow, own);
}

function narrow(one: Terms, other: Terms): Terms {
  return {
    commercialUse: one.commercialUse && other.commercialUse,
    redistribution: one.redistribution && other.redistribution,
    regions: commonRegions(one.regions, other.regions),
  };
}

function commonRegions(one: readonly string[], other: readonly string[]): string[] {
  if (one.length === 0) return [...other];
  if (other.length === 0) return [...one];
  const common = one.filter((region) => other.includes(region));
  return common.length === 0 ? [NOWHERE] : common;
}

/** Whether `terms` let weights and data be in `region`. An unknown region is only allowed where every region is. */
export function allowsRegion(terms: Terms, region: string | null): boolean {
  return terms.regions.length === 0 || (region !== null && terms.regions.includes(region));
}

/** Whether `inner` forbids at least all that `outer` forbids. */
export function isAtLeastAsStrict(inner: Terms, outer: Terms): boolean {
  return (
    (outer.commercialUse || !inner.commercialUse) &&
    (outer.redistribution || !inner.redistribution) &&
    (outer.regions.length === 0 ||
      (inner.regions.length > 0 && inner.regions.every((region) => region === NOWHERE || outer.regions.includes(region))))
  );
}
