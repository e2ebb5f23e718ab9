import { expect, it } from "vitest";
import { type ComparedFact, compareVersions } from "./compare-versions.js";

const fact = (group: ComparedFact["group"], field: string, value: ComparedFact["value"], on: string | null = null): ComparedFact => ({
  group,
  field,
  on,
  value,
});
const shown = (versions: ComparedFact[][]) =>
  compareVersions(versions).map(({ group, field, on, values, differs }) => [`${group}.${field}${on ?? ""}`, values, differs]);

it("puts differences first, then by group, and keeps the order within one", () => {
  const a = [fact("lifecycle", "state", "released"), fact("recipe", "seed", 1), fact("size", "bytes", 10), fact("size", "files", 2)];
  const b = [fact("lifecycle", "state", "sealed"), fact("recipe", "seed", 1), fact("size", "bytes", 11), fact("size", "files", 2)];
  expect(shown([a, b])).toEqual([
    ["size.bytes", [10, 11], true],
    ["lifecycle.state", ["released", "sealed"], true],
    ["recipe.seed", [1, 1], false],
    ["size.files", [2, 2], false],
  ]);
});

it("keeps what is known of some only, and scores on different data apart", () => {
  const rows = shown([[fact("metrics", "exactMatch", 0.5, "a/b@1")], [fact("metrics", "exactMatch", 0.5, "a/b@2")], []]);
  expect(rows).toEqual([
    ["metrics.exactMatcha/b@1", [0.5, null, null], true],
    ["metrics.exactMatcha/b@2", [null, 0.5, null], true],
  ]);
});

it("compares lists by what is in them", () => {
  expect(shown([[fact("data", "datasets", ["a/b@1"])], [fact("data", "datasets", ["a/b@1"])]])).toEqual([
    ["data.datasets", [["a/b@1"], ["a/b@1"]], false],
  ]);
});
