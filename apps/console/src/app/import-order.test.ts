import { expect, it } from "vitest";
import { SOURCES } from "../test/source-files.js";

const RANK: Readonly<Record<string, number>> = { main: 4, app: 3, features: 2, ui: 1, lib: 0, locales: 0 };

interface Step {
  readonly from: string;
  readonly to: string;
}

function layerOf(path: string): string {
  return path.split("/")[0]?.replace(/\.tsx?$/, "") ?? "";
}

function importsOf(path: string, text: string): Step[] {
  const base = new URL(path, "file:///src/");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => ({
    from: path,
    to: new URL(match[1] ?? "", base).pathname.replace("/src/", ""),
  }));
}

const STEPS = Object.entries(SOURCES).flatMap(([path, text]) => importsOf(path, text));

it("sees the imports it judges", () => {
  expect(STEPS.length).toBeGreaterThan(300);
});

it("imports go from app to features to ui to lib, never back", () => {
  const back = STEPS.filter(({ from, to }) => (RANK[layerOf(from)] ?? 9) < (RANK[layerOf(to)] ?? 9));
  expect(back).toEqual([]);
});

it("no feature imports another", () => {
  const feature = (path: string) => (path.startsWith("features/") ? (path.split("/")[1] ?? "") : "");
  const across = STEPS.filter(({ from, to }) => feature(from) !== "" && feature(to) !== "" && feature(from) !== feature(to));
  expect(across).toEqual([]);
});
