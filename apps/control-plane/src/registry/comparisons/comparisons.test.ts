import { type ComparisonRow, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset, score, sealed } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let mine: string[];
let heldOut: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  const parents = [{ version: people.finance, relation: "adapter_of" }];
  mine = [];
  for (let n = 0; n < 2; n += 1) mine.push(await sealed(people.admin, "northbank/cards", { artifactKind: "adapter", parents }));
  heldOut = await dataset(people.member, "northbank/held-out", '{"text":"a"}\n');
  await score(platform, mine[1] ?? "", heldOut, { perplexity: 8 });
  await people.admin.post(paths.transitions(mine[1] ?? ""), { to: "in_review" });
});
afterAll(() => platform.close());

const compare = (client: Client, ...refs: string[]) => client.get(paths.comparison(refs));
const rowOf = (rows: readonly ComparisonRow[], field: string) => rows.find((row) => row.field === field);

it("sets versions side by side in the order asked for, differences first", async () => {
  const { status, body } = await compare(people.member, mine[1] ?? "", mine[0] ?? "", people.finance);
  expect([status, body.versions]).toEqual([200, [mine[1], mine[0], people.finance]]);
  expect(rowOf(body.rows, "state")).toMatchObject({ group: "lifecycle", values: ["in_review", "sealed", "released"], differs: true });
  expect(rowOf(body.rows, "parents")?.values).toEqual([[people.finance], [people.finance], [people.foundation]]);
  expect(rowOf(body.rows, "commercialUse")).toMatchObject({ values: [true, true, true], differs: false });
  expect(body.rows[0]).toEqual({ group: "metrics", field: "perplexity", on: heldOut, values: [8, null, null], differs: true });
  const differs = body.rows.map((row: ComparisonRow) => row.differs);
  expect(differs).toEqual([...differs].sort((a, b) => Number(b) - Number(a)));
});

it("shows an institution nothing of what a neighbour measured on a shared version", async () => {
  await score(platform, people.finance, heldOut, { perplexity: 7 }, mine[0]);
  const theirs = await compare(people.stranger, people.finance, people.foundation);
  expect([theirs.status, theirs.text.includes("northbank")]).toEqual([200, false]);
  expect((await compare(people.member, people.finance, people.foundation)).text).toContain(heldOut);
});

it("hides everything when one of the versions is another institution's, exactly as when there is none", async () => {
  const other = await compare(people.stranger, people.finance, mine[0] ?? "");
  const missing = await compare(people.stranger, people.finance, "northbank/none@1");
  expect([other.status, missing.status]).toEqual([404, 404]);
  const { requestId: _a, instance: _b, ...body } = other.body;
  expect(missing.body).toMatchObject(body);
});

it.each([
  ["northbank/cards@1", "name two versions at least, separated by commas"],
  ["northbank/cards@1,northbank/cards@1", "each version once"],
  ["a/b@1,a/b@2,a/b@3,a/b@4,a/b@5,a/b@6", "five versions at most"],
  ["northbank/cards@1,cards", "expected namespace/slug@number"],
])("refuses %s, naming the rule", async (versions, detail) => {
  const answer = await people.member.get(`${paths.comparison([])}${versions}`);
  expect([answer.status, answer.body.errors[0].detail]).toEqual([400, expect.stringMatching(detail)]);
});
