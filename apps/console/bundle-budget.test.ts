import { describe, expect, it } from "vitest";
import { type BuiltFile, measure, overBudget } from "./bundle-budget.js";

const KIB = 1024;
function aFile(fileName: string, over: Partial<BuiltFile> = {}): BuiltFile {
  return { fileName, kind: "script", gzipBytes: KIB, imports: [], facade: null, isEntry: false, ...over };
}
const BUILD: readonly BuiltFile[] = [
  aFile("index.js", { isEntry: true, gzipBytes: 100 * KIB, imports: ["vendor.js", "index.css"] }),
  aFile("vendor.js", { gzipBytes: 50 * KIB }),
  aFile("index.css", { kind: "style", gzipBytes: 10 * KIB }),
  aFile("zh.js", { facade: "/src/locales/zh/index.ts", gzipBytes: 9 * KIB }),
  aFile("lineage.js", { facade: "/src/features/lineage/lineage-page.tsx", gzipBytes: 60 * KIB, imports: ["vendor.js", "lineage.css"] }),
  aFile("lineage.css", { kind: "style", gzipBytes: 3 * KIB }),
  aFile("job.js", { facade: "/src/features/jobs/job-page.tsx", gzipBytes: 20 * KIB, imports: ["vendor.js"] }),
  aFile("chart.js", { facade: "/src/features/jobs/loss-chart.tsx", gzipBytes: 24 * KIB }),
];

describe("bundle budget", () => {
  it("counts the entry, what it imports and one language as the first load, and only what is new for a route", () => {
    expect(measure(BUILD)).toEqual({ firstLoadScript: 159, firstLoadStyle: 10, lineageRoute: 63, jobRoute: 44 });
  });

  it("names every budget that is passed over", () => {
    const sizes = measure(BUILD.map((file) => (file.fileName === "vendor.js" ? { ...file, gzipBytes: 200 * KIB } : file)));
    expect(overBudget(sizes)).toEqual(["firstLoadScript: 309.0 KiB gzip, allowed 260"]);
    expect(overBudget(measure(BUILD))).toEqual([]);
  });

  it("refuses to pass when a chunk that it should measure is not there", () => {
    expect(() => measure(BUILD.filter((file) => file.fileName !== "chart.js"))).toThrow(/loss-chart/);
  });
});
