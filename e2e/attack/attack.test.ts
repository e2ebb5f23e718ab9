import { afterAll, beforeAll, expect, it } from "vitest";
import { attackScene, documentOf } from "./attack.js";
import { operationsOf } from "./open-api.js";
import { type Scene, setScene } from "./scene.js";
import { unreached } from "./unreached.js";

let scene: Scene;
beforeAll(async () => {
  scene = await setScene(() => undefined);
});
afterAll(() => scene?.close());

const brief = (dropPolicy: string | null) => attackScene(scene, { say: () => undefined, dropPolicy, withTimings: false, isBrief: true });

it("nothing of an institution shows to another's people, at any place of any route", async () => {
  const { probes, leaks, gaps } = await brief(null);
  expect([...leaks, ...gaps]).toEqual([]);
  expect(probes).toBeGreaterThan(500);
});

it("the suite fails when one policy is dropped", async () => {
  const { leaks } = await brief("jobs");
  expect(leaks.join("\n")).toContain("as institution_");
});

it("routes that no probe can reach are routes that are there", async () => {
  const ids = operationsOf(await documentOf(scene.url)).map(({ id }) => id);
  expect(Object.keys(unreached).filter((id) => !ids.includes(id))).toEqual([]);
});
