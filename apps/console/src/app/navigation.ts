import type { Me, Scope } from "@ziggurat/contracts";
import { to } from "../lib/console-paths.js";

export const SECTIONS = ["home", "pyramid", "models", "jobs", "datasets", "institutions", "clusters", "audit"] as const;
export type Section = (typeof SECTIONS)[number];

const PATHS: Record<Section, string> = {
  home: to.home(),
  pyramid: to.pyramid(),
  models: to.models(),
  jobs: to.jobs(),
  datasets: to.datasets(),
  institutions: to.institutions(),
  clusters: to.clusters(),
  audit: to.audit(),
};

/** What the API asks for before it answers a section at all; the server decides again on every call. */
const NEEDS: Partial<Record<Section, Scope>> = { institutions: "institutions:read", clusters: "clusters:read", audit: "audit:read" };

/** The second key of `g` + letter. */
export const GO_KEYS: Readonly<Record<string, Section>> = { h: "home", p: "pyramid", m: "models", j: "jobs", d: "datasets", a: "audit" };

export interface NavItem {
  readonly section: Section;
  readonly path: string;
}

/** The left navigation of a viewer, in its fixed order. */
export function navigationOf(me: Pick<Me, "scopes">): NavItem[] {
  return SECTIONS.filter((section) => {
    const scope = NEEDS[section];
    return scope === undefined || me.scopes.includes(scope);
  }).map((section) => ({ section, path: PATHS[section] }));
}

/** Section a path belongs to; the explorer counts as the pyramid's, imports, comparisons, holds and clean-ups as the models', and settings belong to none. */
export function sectionOf(path: string): Section | null {
  if (path === "/") return "home";
  if (path.startsWith("/lineage")) return "pyramid";
  if (["/imports", "/compare", "/holds", "/clean-ups"].some((start) => path.startsWith(start))) return "models";
  if (["/access-review", "/statements", "/prices"].some((start) => path.startsWith(start))) return "institutions";
  return SECTIONS.find((section) => section !== "home" && (path === PATHS[section] || path.startsWith(`${PATHS[section]}/`))) ?? null;
}
