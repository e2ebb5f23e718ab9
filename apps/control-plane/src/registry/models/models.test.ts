import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, register } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

describe("registering a model", () => {
  it("answers a duplicate name with a conflict that points to it, and writes nothing", async () => {
    const answer = await register(people.engineer, { tier: "foundation", slug: "base", name: "again" });
    expect([answer.status, answer.body.errors]).toEqual([
      409,
      [{ code: "duplicate_name", detail: "foundation/base is registered already", pointer: "/slug" }],
    ]);
    expect((await people.engineer.get(paths.model("foundation/base"))).body.name).toBe("base");
  });

  it("answers every malformed field at once", async () => {
    const answer = await people.engineer.post(paths.models(), { namespace: "Foundation", slug: "a", tier: "galaxy", name: "", colour: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/colour",
      "/name",
      "/namespace",
      "/slug",
      "/tier",
    ]);
  });

  it("keeps each tier to its own namespace, and asks an institution's model for its scenario", async () => {
    const codes = async (model: Parameters<typeof register>[1], client = people.admin) =>
      (await register(client, model)).body.errors?.map((e: { code: string }) => e.code);
    expect(await codes({ tier: "institution", slug: "mine", namespace: "finance" })).toEqual(["namespace"]);
    expect(await codes({ tier: "institution", slug: "mine", namespace: "southbank" })).toEqual(["namespace"]);
    expect(await codes({ tier: "institution", slug: "mine", namespace: "no-such-bank" })).toEqual(["namespace"]);
    expect(await codes({ tier: "institution", slug: "mine", scenario: undefined })).toEqual(["scenario_required"]);
    expect(await codes({ tier: "finance", slug: "mine", scenario: "risk" }, people.engineer)).toEqual(["scenario_tier"]);
  });

  it("is denied to whoever the tier does not name, saying which role is missing", async () => {
    for (const [client, tier] of [
      [people.admin, "finance"],
      [people.member, "institution"],
      [people.engineer, "institution"],
    ] as const) {
      const answer = await register(client, { tier, slug: "not-mine" });
      expect([answer.status, answer.body.code]).toEqual([403, "denied"]);
    }
  });

  it("is answered once for a repeated idempotency key", async () => {
    const body = { namespace: "foundation", slug: "once", tier: "foundation", name: "once" };
    const first = await people.engineer.post(paths.models(), body, { "idempotency-key": "register-once" });
    const again = await people.engineer.post(paths.models(), body, { "idempotency-key": "register-once" });
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
  });

  it("leaves one audit entry, in the owner's chain", async () => {
    await register(people.admin, { tier: "institution", slug: "audited" });
    const rows = await asSystem(platform, "select action, institution_id from audit_entries where object = 'northbank/audited'");
    expect(rows).toEqual([{ action: "model.register", institution_id: people.admin.viewer.institutionId }]);
  });
});

describe("changing a model", () => {
  it("merges what is sent and leaves the rest of the card alone", async () => {
    await register(people.engineer, { tier: "foundation", slug: "carded", card: { purpose: "general text", contact: "desk" } });
    const path = paths.model("foundation/carded");
    const before = await people.engineer.get(path);
    const answer = await people.engineer.patch(path, { card: { limits: "no advice" } }, { "if-match": `${before.headers.get("etag")}` });
    expect(answer.body.card).toMatchObject({ purpose: "general text", contact: "desk", limits: "no advice" });
    expect([answer.body.cardCompleteness, answer.body.cardGaps]).toEqual([
      0.44,
      ["trainingData", "languages", "supplier", "source", "filing"],
    ]);
    expect(answer.headers.get("etag")).toBe((await people.engineer.get(path)).headers.get("etag"));
  });

  it("asks for If-Match, and refuses a change of what has changed since", async () => {
    const path = paths.model("foundation/base");
    const etag = `${(await people.engineer.get(path)).headers.get("etag")}`;
    expect((await people.engineer.patch(path, { name: "one" })).status).toBe(428);
    expect((await people.engineer.patch(path, { name: "one" }, { "if-match": etag })).status).toBe(200);
    expect((await people.engineer.patch(path, { name: "two" }, { "if-match": etag })).status).toBe(412);
  });

  it("lets one of two racing changes win", async () => {
    const path = paths.model("finance/ledger");
    const etag = `${(await people.engineer.get(path)).headers.get("etag")}`;
    const answers = await Promise.all(["one", "two", "three"].map((name) => people.engineer.patch(path, { name }, { "if-match": etag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });

  it("is denied to those who only see it", async () => {
    const answer = await people.admin.patch(paths.model("foundation/base"), { name: "mine" }, { "if-match": "*" });
    expect([answer.status, answer.body.code]).toEqual([403, "denied"]);
  });
});

describe("tags", () => {
  it("are words of any script, the same whatever their case and width, shown, changed as a whole and filtered by", async () => {
    const made = await register(people.engineer, { tier: "foundation", slug: "tagged", tags: ["客服", " ＡＭＬ ", "Big-Bank 2"] });
    expect(made.body.tags).toEqual(["客服", "aml", "big-bank 2"]);
    const path = paths.model("foundation/tagged");
    const refs = async (tag: string) =>
      (await people.engineer.get(`${paths.models()}?filter[tag]=${encodeURIComponent(tag)}`)).body.data.map((m: { ref: string }) => m.ref);
    expect([await refs("客服"), await refs("Aml"), await refs("客")]).toEqual([["foundation/tagged"], ["foundation/tagged"], []]);
    const named = await people.engineer.patch(path, { name: "Tagged" }, { "if-match": `${made.headers.get("etag") ?? "*"}` });
    expect(named.body.tags).toEqual(["客服", "aml", "big-bank 2"]);
    const bare = await people.engineer.patch(path, { tags: ["risk"] }, { "if-match": "*" });
    expect([bare.body.tags, await refs("客服")]).toEqual([["risk"], []]);
  });

  it.each([
    [["a", "A"], "/tags"],
    [["<b>"], "/tags/0"],
    [["x".repeat(41)], "/tags/0"],
    [Array.from({ length: 21 }, (_, n) => `t${n}`), "/tags"],
  ])("are refused with their place when they are not short words, each once: %j", async (tags, pointer) => {
    const answer = await register(people.engineer, { tier: "foundation", slug: "badly-tagged", tags });
    expect([answer.status, answer.body.errors.map((e: { pointer: string }) => e.pointer)]).toEqual([400, [pointer]]);
  });
});

describe("the list of models", () => {
  it("shows the catalogue and the viewer's own, and nothing of another institution", async () => {
    const refs = async (client: typeof people.admin) =>
      (await client.get(`${paths.models()}?limit=200`)).body.data.map((m: { ref: string }) => m.ref);
    expect(await refs(people.stranger)).toEqual(expect.arrayContaining(["foundation/base", "finance/ledger"]));
    expect((await refs(people.stranger)).filter((ref: string) => ref.startsWith("northbank/"))).toEqual([]);
    expect(await refs(people.member)).toContain("northbank/cards");
    expect(await refs(people.engineer)).toContain("northbank/cards");
  });

  it("shows a shared model to institutions only once it has a released version", async () => {
    await register(people.engineer, { tier: "finance", slug: "in-the-making" });
    expect((await people.admin.get(paths.model("finance/in-the-making"))).status).toBe(404);
    expect((await people.engineer.get(paths.model("finance/in-the-making"))).status).toBe(200);
  });

  it("answers absent and another's alike", async () => {
    const strip = (body: { requestId: string; instance: string }) => ({ ...body, requestId: "", instance: "" });
    const absent = await people.stranger.get(paths.model("northbank/none"));
    const foreign = await people.stranger.get(paths.model("northbank/cards"));
    expect([foreign.status, strip(foreign.body)]).toEqual([absent.status, strip(absent.body)]);
  });

  it("is paged by cursor, stable under inserts, and filtered", async () => {
    for (const slug of ["p1", "p2", "p3"]) await register(people.admin, { tier: "institution", slug });
    const query = `${paths.models()}?limit=2&filter[namespace]=northbank&include=total`;
    const first = (await people.admin.get(query)).body;
    expect(first.data.map((m: { slug: string }) => m.slug)).toEqual(["p3", "p2"]);
    await register(people.admin, { tier: "institution", slug: "p4" });
    const second = (await people.admin.get(`${query}&cursor=${encodeURIComponent(first.nextCursor)}`)).body;
    expect(second.data.map((m: { slug: string }) => m.slug)[0]).toBe("p1");
    expect((await people.admin.get(`${paths.models()}?filter[tier]=finance&cursor=${encodeURIComponent(first.nextCursor)}`)).status).toBe(
      400,
    );
    expect((await people.admin.get(`${paths.models()}?q=LEDG`)).body.data.map((m: { ref: string }) => m.ref)).toEqual(["finance/ledger"]);
    expect((await people.admin.get(`${paths.models()}?q=%25`)).body.data).toEqual([]);
    expect((await people.admin.get(`${paths.models()}?colour=red`)).status).toBe(400);
  });
});

it("shows every tier's policy, with approvers at 0 for now", async () => {
  const answer = await people.member.get(paths.policy("institution"));
  expect(answer.body).toMatchObject({ tier: "institution", approvers: 0, fullTuneMaxParameters: 50_000_000 });
  expect(answer.body.gates.map(({ gate }: { gate: string }) => gate)).toEqual(["beats_parent", "evaluation", "ancestry", "remote_code"]);
  expect((await people.member.get(paths.policy("galaxy"))).status).toBe(400);
});
