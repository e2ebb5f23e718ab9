import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** KiB, gzip. The first load counts the entry, all it imports, and one language. Source: the design's performance budgets. */
export const BUDGETS = { firstLoadScript: 260, firstLoadStyle: 25, lineageRoute: 90, jobRoute: 60 } as const;
export type BudgetName = keyof typeof BUDGETS;

/** One file of the build, as far as the budget needs it. */
export interface BuiltFile {
  readonly fileName: string;
  readonly kind: "script" | "style" | "other";
  readonly gzipBytes: number;
  /** Files loaded with this one. */
  readonly imports: readonly string[];
  /** Source module that starts a lazily loaded chunk, or the entry. */
  readonly facade: string | null;
  readonly isEntry: boolean;
}

/** Sizes in KiB by budget. Throws when a chunk that a budget names is missing, so that a rename cannot switch the check off. */
export function measure(files: readonly BuiltFile[]): Record<BudgetName, number> {
  const byName = new Map(files.map((file) => [file.fileName, file]));
  const reach = (start: BuiltFile, seen = new Set<string>()): Set<string> => {
    if (seen.has(start.fileName)) return seen;
    seen.add(start.fileName);
    for (const name of start.imports) {
      const next = byName.get(name);
      if (next) reach(next, seen);
    }
    return seen;
  };
  const facade = (suffix: string): BuiltFile => {
    const found = files.find((file) => file.facade?.endsWith(suffix));
    if (!found) throw new Error(`no chunk starts at ${suffix}; the budget cannot be checked`);
    return found;
  };
  const entry = files.find((file) => file.isEntry);
  if (!entry) throw new Error("the build has no entry");
  const first = new Set([...reach(entry), ...reach(facade("locales/zh/index.ts"))]);
  const kib = (names: Iterable<string>, kind: BuiltFile["kind"]) =>
    [...names].reduce((sum, name) => sum + (byName.get(name)?.kind === kind ? (byName.get(name)?.gzipBytes ?? 0) : 0), 0) / 1024;
  const beyondFirst = (starts: readonly string[]) => {
    const all = new Set(starts.flatMap((start) => [...reach(facade(start))]));
    const added = [...all].filter((name) => !first.has(name));
    return kib(added, "script") + kib(added, "style");
  };
  return {
    firstLoadScript: kib(first, "script"),
    firstLoadStyle: kib(first, "style"),
    lineageRoute: beyondFirst(["features/lineage/lineage-page.tsx"]),
    jobRoute: beyondFirst(["features/jobs/job-page.tsx", "features/jobs/loss-chart.tsx"]),
  };
}

/** One line per budget that is passed over; empty when the build fits. */
export function overBudget(sizes: Record<BudgetName, number>): string[] {
  const names: BudgetName[] = ["firstLoadScript", "firstLoadStyle", "lineageRoute", "jobRoute"];
  return names
    .filter((name) => sizes[name] > BUDGETS[name])
    .map((name) => `${name}: ${sizes[name].toFixed(1)} KiB gzip, allowed ${BUDGETS[name]}`);
}

/** Measures every production build and fails it when a budget is passed over. */
export function bundleBudget(): Plugin {
  return {
    name: "ziggurat-bundle-budget",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const files = Object.values(bundle).map((file): BuiltFile => {
          const bytes = file.type === "chunk" ? file.code : file.source;
          const styles = file.type === "chunk" ? [...(file.viteMetadata?.importedCss ?? [])] : [];
          return {
            fileName: file.fileName,
            kind: file.fileName.endsWith(".js") ? "script" : file.fileName.endsWith(".css") ? "style" : "other",
            gzipBytes: gzipSync(bytes, { level: 9 }).length,
            imports: file.type === "chunk" ? [...file.imports, ...styles] : [],
            facade: file.type === "chunk" ? file.facadeModuleId : null,
            isEntry: file.type === "chunk" && file.isEntry,
          };
        });
        const sizes = measure(files);
        for (const [name, kib] of Object.entries(sizes)) this.info(`${name} ${kib.toFixed(1)} KiB gzip`);
        const over = overBudget(sizes);
        if (over.length > 0) this.error(`the console is over its budget\n${over.join("\n")}`);
      },
    },
  };
}
