import { paths, type StateAt } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, sealed } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let ref: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  const parents = [{ version: people.finance, relation: "adapter_of" }];
  ref = await sealed(people.admin, "northbank/cards", { artifactKind: "adapter", parents });
  for (const [to, reason] of [
    ["in_review", "ready"],
    ["sealed", "not yet"],
    ["in_review", "now"],
  ])
    await people.admin.post(paths.transitions(ref), { to, reason });
});
afterAll(() => platform.close());

const states = async (client: Client, of: string, query = ""): Promise<StateAt[]> =>
  (await client.get(`${paths.versionStates(of)}${query}`)).body.data;

it("are listed newest first with who and why, page by page without loss", async () => {
  const all = await states(people.member, ref);
  expect(all.map(({ state, reason }) => `${state} ${reason}`).slice(0, 3)).toEqual(["in_review now", "sealed not yet", "in_review ready"]);
  expect(all.map(({ state }) => state)).toEqual(["in_review", "sealed", "in_review", "sealed"]);
  expect(new Set(all.map(({ by }) => by)).size).toBe(1);
  const first = (await people.member.get(`${paths.versionStates(ref)}?limit=3`)).body;
  const second = await states(people.member, ref, `?limit=3&cursor=${encodeURIComponent(first.nextCursor)}`);
  expect([...first.data, ...second]).toEqual(all);
});

it("answer what a version was at an instant, and nothing for one before it was sealed", async () => {
  const [, withdrawn, submitted, sealedAt] = await states(people.member, ref);
  const at = async (instant: string | undefined) => (await states(people.member, ref, `?at=${instant}`)).map(({ reason }) => reason);
  const just = (instant: string | undefined, ms: number) => new Date(Date.parse(instant ?? "") + ms).toISOString();
  expect(await at(just(withdrawn?.at, 1))).toEqual(["not yet"]);
  expect(await at(just(submitted?.at, 1))).toEqual(["ready"]);
  expect(await at(just(sealedAt?.at, -1))).toEqual([]);
});

it("of another institution's version are hidden; of a shared one they begin with its release", async () => {
  expect((await people.stranger.get(paths.versionStates(ref))).status).toBe(404);
  expect((await states(people.stranger, people.finance)).map(({ state }) => state)).toEqual(["released"]);
  expect((await states(people.engineer, people.finance)).map(({ state }) => state)).toEqual(["released", "sealed"]);
});

it.each(["yesterday", "2026-13-01T00:00:00Z"])("refuses an instant that is none: %s", async (at) => {
  const answer = await people.member.get(`${paths.versionStates(ref)}?at=${at}`);
  expect([answer.status, answer.body.errors[0].detail]).toEqual([400, expect.stringMatching(/^at: /)]);
});
