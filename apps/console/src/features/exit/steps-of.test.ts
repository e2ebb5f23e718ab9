import type { Exit, InstitutionState } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { stepsOf } from "./steps-of.js";

const at = (state: InstitutionState, exit: Pick<Exit, "approvedAt"> | null = null): Record<string, string> =>
  Object.fromEntries(stepsOf({ state, exit, exports: [] }).map(({ name, is }) => [name, is]));

it("nothing is under way before the exit has begun", () => {
  expect(Object.values(at("active"))).not.toContain("now");
});

it("the first that is not behind is under way", () => {
  expect(at("leaving", { approvedAt: null })).toMatchObject({ started: "done", exported: "now", approved: "ahead" });
  expect(at("leaving", { approvedAt: "2026-01-01T00:00:00Z" })).toMatchObject({ exported: "done", approved: "done", waiting: "now" });
  expect(at("erasing", { approvedAt: "2026-01-01T00:00:00Z" })).toMatchObject({ waiting: "done", erasing: "now", erased: "ahead" });
  expect(new Set(Object.values(at("erased", { approvedAt: "2026-01-01T00:00:00Z" })))).toEqual(new Set(["done"]));
});
