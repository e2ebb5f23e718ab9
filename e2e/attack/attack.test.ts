import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { attackScene, documentOf } from "./attack.js";
import { keepRows } from "./database.js";
import { operationsOf } from "./open-api.js";
import { type Scene, setScene } from "./scene.js";
import { unreached } from "./unreached.js";

let scene: Scene;
let putBack: () => Promise<void>;
beforeAll(async () => {
  scene = await setScene(() => undefined);
  putBack = await keepRows(scene.database, "before_each");
});
// What an attack made under the neighbour's names would be taken for the neighbour's by the next.
afterEach(() => putBack());
afterAll(() => scene?.close());

const brief = (only: string | null, ...dropped: readonly string[]) =>
  attackScene(scene, { say: () => undefined, dropped, withTimings: false, isBrief: true, only });

it("nothing of an institution shows to another's people, at any place of any route", async () => {
  const { probes, leaks, gaps } = await brief(null);
  expect([...leaks, ...gaps]).toEqual([]);
  expect(probes).toBeGreaterThan(500);
});

it("the suite fails when one policy is dropped, and names what shows", async () => {
  const { leaks } = await brief("/clusters", "attempts");
  expect(leaks.length).toBeGreaterThan(0);
  expect(leaks.join("\n")).toMatch(/GET \/api\/v1\/clusters as \w+ depends on the neighbour/);
  await putBack();
  expect((await brief("/clusters")).leaks).toEqual([]);
});

it("routes that no probe can reach are routes that are there", async () => {
  const ids = operationsOf(await documentOf(scene.url)).map(({ id }) => id);
  expect(Object.keys(unreached).filter((id) => !ids.includes(id))).toEqual([]);
});
