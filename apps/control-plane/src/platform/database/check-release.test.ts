import { describe, expect, it } from "vitest";
import { StartRefusal } from "../start-refusal.js";
import { checkRelease } from "./check-release.js";

const known = ["CreatePyramid1", "AddInspections2"];

describe("a database that an older or the same release has opened", () => {
  it.each([[[]], [["CreatePyramid1"]], [known]])("is taken: %j", (recorded) => {
    expect(() => checkRelease(recorded, known)).not.toThrow();
  });
});

it("refuses what a newer release has opened, names every step it does not know, and says what to do", () => {
  const check = () => checkRelease([...known, "Rename3", "Drop4"], known);
  expect(check).toThrow(StartRefusal);
  expect(check).toThrow(/newer Ziggurat.*Rename3, Drop4.*put back the backup/);
});
