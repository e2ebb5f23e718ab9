import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Answers to the runner, to clusters and to health probes: no person reads them in the console. */
const UNSEEN = ["away", "evaluation_items", "event_gap"];

/** Codes of violations that stand in a source text: an object with `code` and `detail`. */
const codesIn = (text: string): string[] => [...text.matchAll(/\bcode: "([a-z_]+)",\s*detail\b/g)].map((match) => match[1] ?? "");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.ts$/.test(path) && !/\.test\.ts$|(^|\/)(dist|node_modules)\//.test(path))
    .map((path) => readFileSync(join(root, folder, path), "utf8"));
}

it("has a text in both languages for every code by which the platform refuses", () => {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/src`);
  const codes = new Set([...packages, "apps/control-plane/src"].flatMap((folder) => sources(folder).flatMap(codesIn)));
  expect(codes.size).toBeGreaterThan(100);
  for (const language of ["en", "zh"]) {
    const { violation } = JSON.parse(readFileSync(join(root, `apps/console/src/locales/${language}/problems.json`), "utf8"));
    const without = [...codes].filter((code) => !UNSEEN.includes(code) && typeof violation[code] !== "string");
    expect([language, without.sort()]).toEqual([language, []]);
  }
});
