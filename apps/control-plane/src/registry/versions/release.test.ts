import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset, forceState, move, register, released, score, sealed, versionId } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let general: string;
let finance: string;
let dialogues: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  general = await dataset(people.engineer, "foundation/held-out", '{"text":"general words"}\n');
  finance = await dataset(people.engineer, "finance/held-out", '{"text":"bonds and shares"}\n');
  const row = '{"messages":[{"role":"user","content":"card lost"},{"role":"assistant","content":"block"}]}\n';
  dialogues = await dataset(people.member, "northbank/held-out", row, "chat");
});
afterAll(() => platform.close());

const inReview = async (...given: Parameters<typeof sealed>) => {
  const ref = await sealed(...given);
  await move(given[0], ref, "in_review");
  return ref;
};
const codes = ({ body }: Answer) =>
  body.errors.map(({ code, detail }: { code: string; detail: string }) => `${code} ${detail.split(":")[0]}`);
const onFoundation = { parents: [{ version: "foundation/base@1", relation: "pretrained_from" }] };
const task = (version: string) => ({ artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });

describe("releasing a foundation model", () => {
  it("asks for a licence and a score, and shows the numbers", async () => {
    await register(people.engineer, { tier: "foundation", slug: "unlicensed", licence: undefined });
    const ref = await inReview(people.engineer, "foundation/unlicensed");
    const refused = await move(people.releaser, ref, "released");
    expect([refused.status, codes(refused)]).toEqual([422, ["gate_missing licence", "gate_missing evaluation"]]);
    await score(platform, ref, general, { perplexity: 12 });
    const model = await people.engineer.get(paths.model("foundation/unlicensed"));
    await people.engineer.patch(paths.model("foundation/unlicensed"), { licence: "MIT" }, { "if-match": `${model.headers.get("etag")}` });
    const answer = await move(people.releaser, ref, "released");
    expect([answer.status, answer.body.state, answer.body.approvers]).toEqual([200, "released", { required: 0, given: 0 }]);
    expect(answer.body.releasedAt).not.toBeNull();
    expect(answer.body.gates.map(({ verdict }: { verdict: string }) => verdict)).toEqual(["passed", "passed", "passed", "passed"]);
  });

  it("is not fooled by a score that other bytes got", async () => {
    const ref = await inReview(people.engineer, "foundation/base");
    const other = await sealed(people.engineer, "foundation/base");
    await score(platform, other, general, { perplexity: 12 });
    expect(codes(await move(people.releaser, ref, "released"))).toEqual(["gate_missing evaluation"]);
  });
});

describe("releasing a finance model", () => {
  it("compares with its parent on the same held-out data", async () => {
    const ref = await inReview(people.engineer, "finance/ledger", onFoundation);
    await score(platform, ref, finance, { perplexity: 8 });
    await score(platform, ref, general, { perplexity: 12 });
    expect(codes(await move(people.releaser, ref, "released"))).toEqual([
      "gate_missing finance_perplexity",
      "gate_missing general_perplexity",
    ]);
    await score(platform, people.foundation, finance, { perplexity: 7 }, ref);
    await score(platform, people.foundation, general, { perplexity: 10 }, ref);
    expect(codes(await move(people.releaser, ref, "released"))).toEqual(["gate_failed finance_perplexity"]);
    await score(platform, ref, finance, { perplexity: 6 });
    const answer = await move(people.releaser, ref, "released");
    expect(answer.body.gates[0]).toMatchObject({ gate: "finance_perplexity", verdict: "passed", value: 6, reference: 7 });
  });

  it("is refused while an ancestor is withdrawn", async () => {
    const base = await released(platform, people.engineer, "foundation/base");
    const ref = await inReview(people.engineer, "finance/ledger", { parents: [{ version: base, relation: "pretrained_from" }] });
    await score(platform, ref, finance, { perplexity: 6 });
    await score(platform, ref, general, { perplexity: 10 });
    await score(platform, base, finance, { perplexity: 7 }, ref);
    await score(platform, base, general, { perplexity: 10 }, ref);
    await move(people.engineer, base, "quarantined");
    expect(codes(await move(people.releaser, ref, "released"))).toEqual(["gate_failed ancestry"]);
  });

  it("judges a merged version by what its adapter was tuned on", async () => {
    const adapter = await sealed(people.engineer, "finance/ledger", {
      artifactKind: "adapter",
      parents: [{ version: people.foundation, relation: "adapter_of" }],
    });
    const ref = await inReview(people.engineer, "finance/ledger", {
      artifactKind: "merged",
      parents: [{ version: adapter, relation: "merged_from" }],
    });
    await score(platform, ref, finance, { perplexity: 5 });
    await score(platform, ref, general, { perplexity: 10 });
    const answer = await move(people.releaser, ref, "released");
    expect([answer.status, answer.body.gates?.[0]?.detail]).toEqual([
      200,
      `0.714 times the perplexity of ${people.foundation} on ${finance}`,
    ]);
  });
});

describe("releasing a task model", () => {
  it("asks it to beat its parent, by the institution's own scores", async () => {
    const ref = await inReview(people.admin, "northbank/cards", task(people.finance));
    await score(platform, ref, dialogues, { exactMatch: 0.9 });
    expect(codes(await move(people.northReleaser, ref, "released"))).toEqual(["gate_missing beats_parent"]);
    await score(platform, people.finance, dialogues, { exactMatch: 0.95 }, ref);
    expect(codes(await move(people.northReleaser, ref, "released"))).toEqual(["gate_failed beats_parent"]);
    await score(platform, ref, dialogues, { exactMatch: 0.97 });
    expect((await move(people.northReleaser, ref, "released")).body.gates[0]).toMatchObject({
      value: 0.97,
      reference: 0.95,
      verdict: "passed",
    });
  });

  it("never sees what another institution scored on the shared parent", async () => {
    const evaluations = (await people.stranger.get(paths.version(people.finance))).body;
    expect(JSON.stringify(evaluations)).not.toContain("northbank");
  });

  it("holds against a recall of the parent at the same moment: one of the two is refused or the release stands before it", async () => {
    const parent = await released(platform, people.engineer, "finance/ledger", onFoundation);
    const refs = await Promise.all([1, 2, 3].map(() => inReview(people.admin, "northbank/cards", task(parent))));
    for (const ref of refs) await score(platform, ref, dialogues, { exactMatch: 0.9 });
    await score(platform, parent, dialogues, { exactMatch: 0.1 }, refs[0]);
    const [recall, ...moves] = await Promise.all([
      move(people.engineer, parent, "recalled"),
      ...refs.map((ref) => move(people.northReleaser, ref, "released")),
    ]);
    expect(recall?.status).toBe(200);
    for (const answer of moves) {
      if (answer.status !== 200) expect(codes(answer)).toEqual(["gate_failed ancestry"]);
    }
    const late = await asSystem(
      platform,
      "select 1 from versions c join versions p on p.id = $1 where c.id = any($2) and c.state = 'released' and c.released_at > p.updated_at",
      [await versionId(platform, parent), await Promise.all(refs.map((ref) => versionId(platform, ref)))],
    );
    expect(late).toEqual([]);
  });
});

describe("an alias", () => {
  const put = (version: number, headers = {}, client = people.admin, name = "champion") =>
    client.put(paths.alias("northbank/cards", name), { version, reason: "better" }, headers);
  const champion = async () => {
    const ref = await sealed(people.admin, "northbank/cards", task(people.finance));
    await forceState(platform, ref, "released");
    await score(platform, ref, dialogues, { exactMatch: 0.99 });
    return Number(ref.split("@")[1]);
  };

  it("points to released versions only, and to existing ones", async () => {
    const unreleased = Number((await sealed(people.admin, "northbank/cards", task(people.finance))).split("@")[1]);
    expect(codes(await put(unreleased))[0]).toContain("alias_unreleased");
    expect(codes(await put(9999))[0]).toContain("version_unknown");
    expect((await put(unreleased, {}, people.member)).status).toBe(403);
    expect((await put(unreleased, {}, people.stranger)).status).toBe(404);
  });

  it("does not point to a version whose gates no longer hold", async () => {
    const version = await champion();
    await score(platform, `northbank/cards@${version}`, dialogues, { exactMatch: 0.01 });
    expect(codes(await put(version))).toEqual(["gate_failed beats_parent"]);
  });

  it("moves for one of several racing movers; the others read that it moved", async () => {
    const [one, two, three] = [await champion(), await champion(), await champion()];
    const first = await put(one, {}, people.admin, "racing");
    const etag = `${(await people.admin.get(paths.alias("northbank/cards", "racing"))).headers.get("etag")}`;
    expect(first.body.version).toBe(`northbank/cards@${one}`);
    const answers = await Promise.all(
      [two, three, two, three].map((version) => put(version, { "if-match": etag }, people.admin, "racing")),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200)?.body.version;
    expect((await people.admin.get(paths.alias("northbank/cards", "racing"))).body.version).toBe(winner);
    expect((await people.admin.get(paths.model("northbank/cards"))).body.aliases.racing).toBe(winner);
    const audited = await asSystem(
      platform,
      "select 1 from audit_entries where action = 'alias.move' and object = 'northbank/cards:racing'",
    );
    expect(audited).toHaveLength(2);
  });

  it("is made once where the maker asks for that", async () => {
    const version = await champion();
    const answers = await Promise.all([1, 2].map(() => put(version, { "if-none-match": "*" }, people.admin, "once")));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});
