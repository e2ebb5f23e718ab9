import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset, register, released, score } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const standing = async (ref: string, client = people.engineer) => (await client.get(paths.standing(ref))).body;
const deprecate = (ref: string, deprecation?: object) =>
  people.engineer.post(paths.transitions(ref), { to: "deprecated", reason: "superseded", ...(deprecation ? { deprecation } : {}) });

describe("where a version stands", () => {
  it("names the ancestor at which a limit of use begins", async () => {
    await register(people.engineer, {
      tier: "foundation",
      slug: "closed",
      terms: { commercialUse: true, redistribution: false, regions: ["cn"] },
    });
    const base = await released(platform, people.engineer, "foundation/closed");
    const finance = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: base, relation: "pretrained_from" }],
    });
    expect(await standing(finance)).toMatchObject({
      effectiveTerms: { redistribution: false, regions: ["cn"] },
      causes: [
        { term: "redistribution", version: base },
        { term: "regions", version: base },
      ],
      support: null,
      deprecation: null,
    });
  });

  it("hands an end of support down to all that stands on it, and to nothing else", async () => {
    const base = await released(platform, people.engineer, "foundation/base");
    const next = await released(platform, people.engineer, "foundation/base");
    const finance = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: base, relation: "pretrained_from" }],
    });
    const task = await released(platform, people.admin, "northbank/cards", { parents: [{ version: finance, relation: "finetuned_from" }] });
    const endsAt = inDays(90);
    expect((await deprecate(base, { successor: next, endsAt })).body).toMatchObject({ state: "deprecated" });
    expect(await standing(base)).toMatchObject({ deprecation: { successor: next, endsAt, reason: "superseded" } });
    for (const ref of [base, finance]) expect((await standing(ref)).support).toEqual({ endsAt, version: base });
    expect((await standing(task, people.member)).support).toEqual({ endsAt, version: base });
    expect((await standing(next)).support).toBeNull();
    expect((await people.stranger.get(paths.standing(task))).status).toBe(404);
  });

  it("refuses an end or a successor that does not hold, and moves nothing", async () => {
    const base = await released(platform, people.engineer, "foundation/base");
    for (const [code, deprecation] of [
      ["ends_at", { endsAt: inDays(-1) }],
      ["successor_unknown", { successor: "foundation/base@99" }],
      ["successor_self", { successor: base }],
      ["successor_tier", { successor: people.finance }],
    ] as const) {
      const answer = await deprecate(base, deprecation);
      expect([answer.status, answer.body.errors.map((one: { code: string }) => one.code)]).toEqual([422, [code]]);
    }
    expect((await people.engineer.get(paths.version(base))).body.state).toBe("released");
    const other = await people.engineer.post(paths.transitions(base), { to: "quarantined", reason: "x", deprecation: {} });
    expect(other.status).toBe(400);
  });
});

describe("the history of an alias", () => {
  it("tells what a name pointed to at any instant, and cannot be rewritten", async () => {
    const held = await dataset(people.engineer, "foundation/held", '{"text":"held out"}\n');
    const versions: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const ref = await released(platform, people.engineer, "foundation/base");
      await score(platform, ref, held, { perplexity: 5 });
      versions.push(ref);
    }
    const [first = "", second = ""] = versions;
    const point = async (ref: string, reason: string) => {
      const answer = await people.engineer.put(paths.alias("foundation/base", "champion"), { version: Number(ref.split("@")[1]), reason });
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.body.movedAt as string;
    };
    const before = new Date(Date.now() - 1000).toISOString();
    await point(first, "the first");
    const between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await point(second, "better");
    const at = async (instant: string) => people.engineer.get(`${paths.alias("foundation/base", "champion")}?at=${instant}`);
    expect((await at(before)).status).toBe(404);
    expect((await at(between)).body).toMatchObject({ version: first, reason: "the first" });
    expect((await at(new Date(Date.now() + 1000).toISOString())).body).toMatchObject({ version: second });
    const history = await people.engineer.get(paths.aliasHistory("foundation/base", "champion"));
    expect(history.body.data.map(({ version }: { version: string }) => version)).toEqual([second, first]);
    await expect(asSystem(platform, "update alias_moves set reason = 'never'")).rejects.toThrow(/append-only|permission denied/);
    await expect(asSystem(platform, "delete from alias_moves")).rejects.toThrow(/append-only|permission denied/);
    expect((await people.engineer.get(paths.aliasHistory("foundation/base", "nobody"))).status).toBe(404);
  });
});
