import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, register, sealed } from "../../../test/registry-fixtures.js";

const FULL = {
  purpose: "text",
  limits: "no advice",
  trainingData: "public text",
  contact: "desk",
  languages: ["en"],
  supplier: "a lab",
  source: "https://models.example/base",
  filing: "2026-1",
};

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_REQUIRE_COMPLETE_CARDS: "true" } });
  people = await aPyramid(platform, { card: FULL });
});
afterAll(() => platform.close());

it("submits a version only when the card says what the tier asks for, names every gap, and lets it through once they are filled", async () => {
  await register(people.admin, { tier: "institution", slug: "gaps", card: { purpose: "alerts", supplier: "not asked of this tier" } });
  const ref = await sealed(people.admin, "northbank/gaps", {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
  const before = await people.admin.get(paths.version(ref));
  const submit = before.body.moves.find(({ to }: { to: string }) => to === "in_review");
  expect([submit.allowed, submit.reasons.length]).toEqual([false, 4]);

  const refused = await people.admin.post(paths.transitions(ref), { to: "in_review" });
  expect([refused.status, refused.body.errors.map((e: { code: string; pointer: string }) => `${e.code} ${e.pointer}`)]).toEqual([
    422,
    ["limits", "trainingData", "contact", "languages"].map((field) => `card_incomplete /card/${field}`),
  ]);
  expect((await people.admin.get(paths.version(ref))).body.state).toBe("sealed");

  const filled = await people.admin.patch(paths.model("northbank/gaps"), { card: FULL }, { "if-match": "*" });
  expect([filled.body.cardCompleteness, filled.body.cardGaps]).toEqual([1, []]);
  expect((await people.admin.post(paths.transitions(ref), { to: "in_review" })).body.state).toBe("in_review");
});

it("says in the tier's policy what a card is asked for", async () => {
  const { card } = (await people.member.get(paths.policy("foundation"))).body;
  expect(card).toEqual({ asks: [...Object.keys(FULL), "licence"], isRequired: true });
});
