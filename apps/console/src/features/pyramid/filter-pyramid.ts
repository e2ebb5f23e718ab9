import { type Pyramid, TIERS, type Tier, type VersionState } from "@ziggurat/contracts";

export interface PyramidFilter {
  readonly q?: string | undefined;
  readonly tier?: Tier | undefined;
  readonly state?: VersionState | undefined;
  /** Slug of an institution; the shared tiers then stay, as the ground it stands on. */
  readonly inst?: string | undefined;
}

/** Indexes of the versions a filter leaves, in the order of the columns. */
export function filterPyramid(pyramid: Pyramid, filter: PyramidFilter): number[] {
  const words = filter.q?.toLowerCase();
  const institution = filter.inst === undefined ? -1 : pyramid.institutions.findIndex(({ slug }) => slug === filter.inst);
  return pyramid.ref.flatMap((ref, index) => {
    if (words && !ref.includes(words)) return [];
    if (filter.tier && TIERS[pyramid.tier[index] ?? -1] !== filter.tier) return [];
    if (filter.state && pyramid.state[index] !== filter.state) return [];
    const at = pyramid.institution[index] ?? -1;
    return filter.inst !== undefined && at >= 0 && at !== institution ? [] : [index];
  });
}
