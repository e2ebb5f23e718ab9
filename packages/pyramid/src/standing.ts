import type { Terms, Tier, VersionState, Violation } from "@ziggurat/contracts";

/** A version among its ancestors, as far as limits and dates flow down. */
export interface Standing {
  readonly ref: string;
  readonly effectiveTerms: Terms;
  /** End of support stated for this very version; null without one. */
  readonly endsAt: Date | null;
  /** Refs of what it was made from. */
  readonly parents: readonly string[];
}

export const TERM_NAMES = ["commercialUse", "redistribution", "regions"] as const;
export type TermName = (typeof TERM_NAMES)[number];

/**
 * Which versions cause each limit of `focus`: walking up as long as a parent has the limit too, those where it begins.
 * A limit that nobody has is not in the answer. `domain/features.md` Part 2, 12.
 */
export function termCauses(focus: string, family: ReadonlyMap<string, Standing>): { readonly term: TermName; readonly version: string }[] {
  return TERM_NAMES.flatMap((term) => {
    const causes = new Set<string>();
    const seen = new Set<string>();
    const open = [focus];
    for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
      const version = family.get(ref);
      if (seen.has(ref) || version === undefined || !isLimited(version.effectiveTerms, term)) continue;
      seen.add(ref);
      const above = version.parents.filter((parent) => {
        const terms = family.get(parent)?.effectiveTerms;
        return terms !== undefined && isLimited(terms, term);
      });
      if (above.length === 0 || (term === "regions" && narrowsRegions(version, above, family))) causes.add(ref);
      open.push(...above);
    }
    return [...causes].sort().map((version) => ({ term, version }));
  });
}

/** The earliest end of support along the ancestry, and whose it is; null when nobody has stated one. `features.md` Part 2, 7. */
export function supportEnd(
  focus: string,
  family: ReadonlyMap<string, Standing>,
): { readonly endsAt: Date; readonly version: string } | null {
  let first: { endsAt: Date; version: string } | null = null;
  const seen = new Set<string>();
  const open = [focus];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    const version = family.get(ref);
    if (seen.has(ref) || version === undefined) continue;
    seen.add(ref);
    if (version.endsAt !== null && (first === null || version.endsAt < first.endsAt)) first = { endsAt: version.endsAt, version: ref };
    open.push(...version.parents);
  }
  return first;
}

/**
 * How near an end is: 0 as long as it is further off than the first of `days`, then one more for each of them that is reached.
 * `features.md` 13.
 * @param days before the end, in any order
 */
export function supportStep(endsAt: Date, now: Date, days: readonly number[]): number {
  const left = (endsAt.getTime() - now.getTime()) / 86_400_000;
  return days.filter((distance) => left <= distance).length;
}

/** What somebody says about the end of a version. */
export interface DeprecationClaim {
  readonly ref: string;
  readonly tier: Tier;
  readonly endsAt: Date | null;
  readonly now: Date;
  /** Undefined when none was named, null when the viewer sees no such version. */
  readonly successor:
    | { readonly ref: string; readonly tier: Tier; readonly state: VersionState; readonly endsAt: Date | null }
    | null
    | undefined;
}

/**
 * Why an end cannot be stated so. Codes: `ends_at` lies behind; `successor_unknown`, `successor_self`, `successor_tier`, `successor_state`:
 * not a released version of the same tier; `successor_ends`: it ends no later itself.
 */
export function checkDeprecation({ ref, tier, endsAt, now, successor }: DeprecationClaim): Violation[] {
  const broken: Violation[] = [];
  if (endsAt !== null && endsAt <= now) {
    broken.push({ code: "ends_at", detail: "the end of support lies in the future", pointer: "/deprecation/endsAt" });
  }
  if (successor === undefined) return broken;
  const about = (code: string, detail: string) => broken.push({ code, detail, pointer: "/deprecation/successor" });
  if (successor === null) about("successor_unknown", "there is no such version that you can see");
  else if (successor.ref === ref) about("successor_self", "a version does not succeed itself");
  else {
    if (successor.tier !== tier) about("successor_tier", `${successor.ref} is of tier ${successor.tier}, not ${tier}`);
    if (successor.state !== "released") about("successor_state", `${successor.ref} is ${successor.state}, not released`);
    if (successor.endsAt !== null && (endsAt === null || successor.endsAt <= endsAt)) {
      about("successor_ends", `support of ${successor.ref} ends ${successor.endsAt.toISOString()}, no later than this one`);
    }
  }
  return broken;
}

function isLimited(terms: Terms, term: TermName): boolean {
  return term === "regions" ? terms.regions.length > 0 : !terms[term];
}

/** Whether a version allows fewer regions than each of its limited parents does: then it is a cause beside them. */
function narrowsRegions(version: Standing, above: readonly string[], family: ReadonlyMap<string, Standing>): boolean {
  return above.every((parent) => {
    const outer = family.get(parent)?.effectiveTerms.regions ?? [];
    return outer.some((region) => !version.effectiveTerms.regions.includes(region));
  });
}
