import { afterAll, beforeAll, expect, it } from "vitest";
import { attackScene } from "./attack.js";
import { type Scene, setScene } from "./scene.js";

let scene: Scene;
beforeAll(async () => {
  scene = await setScene(() => undefined);
});
afterAll(() => scene?.close());

const brief = (dropPolicy: string | null) => attackScene(scene, { say: () => undefined, dropPolicy, withTimings: false, isBrief: true });

it("nothing of an institution shows to another's people, at any place of any route", async () => {
  const { probes, leaks } = await brief(null);
  expect(leaks).toEqual([]);
  expect(probes).toBeGreaterThan(500);
});

it("the suite fails when one policy is dropped", async () => {
  const { leaks } = await brief("jobs");
  expect(leaks.join("\n")).toContain("as institution_");
});
