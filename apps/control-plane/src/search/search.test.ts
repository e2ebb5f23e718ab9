import { paths, type SearchAnswer, type SearchKind } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, register, released, score, sealed } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  const { engineer, admin } = people;
  await register(engineer, {
    tier: "finance",
    slug: "care",
    name: "智能客服大模型",
    licence: "Apache-2.0",
    tags: ["客服", "zh"],
    card: { purpose: "面向银行客户的问答。Answers customers of banks.", limits: "不得用于催收" },
  });
  await released(platform, engineer, "finance/care", { parents: [{ version: people.foundation, relation: "pretrained_from" }] });
  await register(admin, { tier: "institution", slug: "dunning", name: "催收助手", scenario: "collections", tags: ["phone"] });
  await sealed(admin, "northbank/dunning", { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] });
  await dataset(engineer, "finance/filings", '{"text":"a"}');
});
afterAll(() => platform.close());

const ask = (client: Client, q: string, more = ""): Promise<Answer> => client.get(`${paths.search()}?q=${encodeURIComponent(q)}${more}`);
const answer = async (client: Client, q: string, more = ""): Promise<SearchAnswer> => (await ask(client, q, more)).body;
const refs = async (client: Client, q: string, kind: SearchKind = "model"): Promise<string[]> =>
  (await answer(client, q, `&kind=${kind}`)).data.map(({ ref }) => ref);
const count = async (client: Client, q: string, kind: SearchKind): Promise<number | undefined> =>
  (await answer(client, q)).counts.find((one) => one.kind === kind)?.count;

describe("words", () => {
  it.each([
    ["客服", ["finance/care"]],
    ["客", ["finance/care"]],
    ["银行客户", ["finance/care"]],
    ["ＡＰＡＣＨＥ 智能", ["finance/care"]],
    ["CUSTOMERS banks", ["finance/care"]],
    ['"banks of customers"', []],
    ['"customers of banks"', ["finance/care"]],
    ["customers loans", []],
    ["dunning", []],
  ])("find a shared model by name, card, tag and licence, in any script: %s", async (q, expected) => {
    expect(await refs(people.stranger, q)).toEqual(expected);
  });

  it("find one's own by slug, task and name", async () => {
    for (const q of ["dunning", "collections", "催收助手", "northbank/dunning", "phone"]) {
      expect([q, await refs(people.member, q)]).toEqual([q, ["northbank/dunning"]]);
    }
  });

  it("put the very reference first, then the very name, then beginnings, then the rest; what is released before what is not", async () => {
    const { engineer } = people;
    await register(engineer, { tier: "finance", slug: "zebra-notes", name: "about", card: { purpose: "zebra" } });
    await register(engineer, { tier: "foundation", slug: "zebra", name: "striped" });
    await register(engineer, { tier: "finance", slug: "striped", name: "zebra" });
    await register(engineer, { tier: "finance", slug: "a-horse", name: "no", card: { purpose: "like a zebra" } });
    await register(engineer, { tier: "foundation", slug: "b-horse", name: "no", card: { purpose: "like a zebra" } });
    await released(platform, engineer, "foundation/b-horse");
    expect(await refs(engineer, "foundation/zebra")).toEqual(["foundation/zebra"]);
    expect(await refs(engineer, "zebra")).toEqual([
      "finance/striped",
      "foundation/zebra",
      "finance/zebra-notes",
      "foundation/b-horse",
      "finance/a-horse",
    ]);
  });

  it("find datasets, institutions and people", async () => {
    expect(await refs(people.member, "filings", "dataset")).toEqual(["finance/filings"]);
    expect(await refs(people.member, "northbank", "institution")).toEqual(["northbank"]);
    expect(await refs(people.member, "admin@north", "person")).toEqual(["admin@north.example"]);
  });

  it("find a version by its reference and by its notes, and do not list a model's versions for its name", async () => {
    expect(await refs(people.member, "finance/care@1", "version")).toEqual(["finance/care@1"]);
    expect(await refs(people.member, "care@1", "version")).toEqual(["finance/care@1"]);
    expect(await refs(people.member, "care", "version")).toEqual([]);
    const made = await people.admin.post(paths.versions("northbank/dunning"), { notes: "重新训练以降低误报" });
    expect(await refs(people.member, "误报", "version")).toEqual([made.body.ref]);
  });

  it("say where they stand, as text with ranges and never as HTML", async () => {
    const [hit] = (await answer(people.stranger, "客服 customers", "&kind=model")).data;
    expect(hit).toMatchObject({ ref: "finance/care", title: "智能客服大模型", owner: "platform", tier: "finance", state: "released" });
    expect(hit?.matches).toEqual([
      { field: "name", text: "智能客服大模型", ranges: [[2, 4]] },
      { field: "tags", text: "客服, zh", ranges: [[0, 2]] },
      { field: "card.purpose", text: "面向银行客户的问答。Answers customers of banks.", ranges: [[18, 27]] },
    ]);
  });
});

describe("terms", () => {
  it.each<[string, SearchKind, string[]]>([
    ["tier:finance licence:apache 智能", "model", ["finance/care"]],
    ["tag:客服", "model", ["finance/care"]],
    ["task:collections", "model", ["northbank/dunning"]],
    ["institution:northbank state:sealed", "model", ["northbank/dunning"]],
    ["institution:northbank state:sealed", "version", ["northbank/dunning@1"]],
    ["tier:finance,foundation 客服 state:released", "version", ["finance/care@1"]],
    ["licence:cc-by", "dataset", ["finance/filings"]],
    ["on:foundation/base@1 tier:finance", "version", ["finance/care@1", "finance/ledger@1"]],
    ["on:foundation/base", "version", ["finance/care@1", "finance/ledger@1", "northbank/dunning@1"]],
    ["on:finance/ledger 催收", "model", ["northbank/dunning"]],
    ["on:northbank/dunning@1", "version", []],
    ["on:nobody/nothing@7", "version", []],
  ])("%s narrows %s", async (q, kind, expected) => {
    expect(await refs(people.member, q, kind)).toEqual(expected);
  });

  it("ask for measured ranges, of what the viewer may see measured", async () => {
    const held = await dataset(people.engineer, "finance/held", '{"text":"b"}');
    await score(platform, "finance/care@1", held, { perplexity: 5 });
    const found = (q: string) => refs(people.stranger, q, "version");
    expect(await found("metric:perplexity<5.1")).toEqual(["finance/care@1"]);
    expect(await found("metric:perplexity<5")).toEqual([]);
    expect(await found("metric:perplexity=4..5 客服")).toEqual(["finance/care@1"]);
    expect(await found("metric:exact_match>0")).toEqual([]);
    expect(await refs(people.stranger, "metric:perplexity<=5")).toEqual(["finance/care"]);
    // Measured by an institution for itself: its own business.
    await score(platform, people.finance, held, { perplexity: 3 }, "northbank/dunning@1");
    expect(await found("metric:perplexity<4")).toEqual([]);
    expect(await refs(people.member, "metric:perplexity<4", "version")).toEqual([people.finance]);
  });

  it("follow an alias", async () => {
    await asSystem(
      platform,
      "insert into aliases (model_id, name, institution_id, version_id, moved_by) select model_id, 'best', institution_id, id, 'test' from versions where tier = 'finance' on conflict do nothing",
    );
    expect(await refs(people.stranger, "alias:best", "version")).toEqual(["finance/care@1", "finance/ledger@1"]);
  });

  it("that cannot be understood are refused all at once, each with its rule and what to do", async () => {
    const refused = await ask(people.member, "tier:galaxy colour:red");
    expect([refused.status, refused.body.code]).toEqual([400, "invalid"]);
    expect(refused.body.errors.map(({ code }: { code: string }) => code)).toEqual(["search_term_value", "search_term_unknown"]);
  });

  it("are answered as they were understood", async () => {
    expect((await answer(people.member, 'tier:finance "two words"')).parts).toEqual([
      { text: "tier:finance", field: "tier" },
      { text: '"two words"', field: null },
    ]);
  });

  it.each(["?q=", "?q=%20", "", "?q=a&kind=galaxy", "?q=a&colour=red", `?q=${"x".repeat(201)}`, "?q=a&limit=101"])(
    "are checked with the rest of the query: %s",
    async (query) => {
      expect((await people.member.get(paths.search() + query)).status).toBe(400);
    },
  );
});

describe("what one may not see", () => {
  const strip = ({ nextCursor: _, ...rest }: SearchAnswer) => rest;

  it("is neither shown nor counted, and changes no answer when it comes to be", async () => {
    const questions = [
      "quokka",
      "q",
      "institution:northbank",
      "state:sealed",
      "on:finance/ledger",
      "northbank",
      "admin",
      "tag:quokka",
      "metric:exact_match>0",
    ];
    const before = await Promise.all(questions.map(async (q) => strip(await answer(people.stranger, q))));
    await register(people.admin, { tier: "institution", slug: "quokka", name: "quokka", tags: ["quokka"], card: { limits: "quokka" } });
    const made = await sealed(people.admin, "northbank/quokka", {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    await people.admin.post(paths.versions("northbank/quokka"), { notes: "quokka" });
    const rows = await dataset(people.admin, "northbank/quokka", '{"text":"quokka"}');
    await score(platform, made, rows, { exactMatch: 0.9 });
    await platform.addPerson("northbank", "quokka@north.example", "institution_member");
    expect(await count(people.member, "quokka", "model")).toBe(1);
    expect(await count(people.member, "quokka", "version")).toBe(1);
    const after = await Promise.all(questions.map(async (q) => strip(await answer(people.stranger, q))));
    expect(after).toEqual(before);
  });

  it("is what the shared tiers have in the making, until it is released", async () => {
    await register(people.engineer, { tier: "finance", slug: "numbat", name: "numbat", tags: ["numbat"] });
    await people.engineer.post(paths.versions("finance/numbat"), { notes: "wombat" });
    for (const [q, kind] of [
      ["numbat", "model"],
      ["tag:numbat", "model"],
      ["wombat", "version"],
      ["numbat@1", "version"],
    ] as const) {
      expect([q, await count(people.member, q, kind), await count(people.engineer, q, kind)]).toEqual([q, 0, 1]);
    }
    await released(platform, people.engineer, "finance/numbat", { parents: [{ version: people.foundation, relation: "pretrained_from" }] });
    expect(await refs(people.member, "numbat")).toEqual(["finance/numbat"]);
    expect(await count(people.member, "wombat", "version")).toBe(0);
  });

  it("is told to the platform's people as metadata", async () => {
    expect(await refs(people.engineer, "dunning")).toEqual(["northbank/dunning"]);
    expect(await refs(people.engineer, "northbank", "institution")).toEqual(["northbank"]);
  });

  it("are the kinds whose scope a token lacks: they are not even counted", async () => {
    const narrow = await platform.as("member@north.example", ["models:read"]);
    expect((await answer(narrow, "northbank")).counts.map(({ kind }) => kind)).toEqual(["model", "version"]);
    expect((await answer(narrow, "northbank", "&kind=person")).data).toEqual([]);
  });
});

describe("pages", () => {
  it("go on behind the last result, stay as they are under inserts, and end", async () => {
    for (let n = 1; n <= 5; n += 1) await register(people.admin, { tier: "institution", slug: `page-${n}`, name: "pages" });
    const first = await answer(people.member, "pages", "&kind=model&limit=2");
    expect(first.data.map(({ ref }) => ref)).toEqual(["northbank/page-1", "northbank/page-2"]);
    await register(people.admin, { tier: "institution", slug: "page-0", name: "pages" });
    const rest = await answer(people.member, "pages", `&kind=model&limit=9&cursor=${encodeURIComponent(first.nextCursor ?? "")}`);
    expect(rest.data.map(({ ref }) => ref)).toEqual(["northbank/page-3", "northbank/page-4", "northbank/page-5"]);
    expect([rest.nextCursor, rest.counts.find(({ kind }) => kind === "model")]).toEqual([null, { kind: "model", count: 6, isMore: false }]);
    expect((await ask(people.member, "other", `&kind=model&cursor=${encodeURIComponent(first.nextCursor ?? "")}`)).status).toBe(400);
  });

  it("show the first few of each kind where none was chosen", async () => {
    const { data, nextCursor } = await answer(people.member, "northbank", "&limit=1");
    expect(data.map(({ kind }) => kind)).toEqual(["model", "dataset", "institution"]);
    expect(nextCursor).toBeNull();
  });

  it("order versions of one model by number, newest first", async () => {
    for (let n = 0; n < 3; n += 1) await people.admin.post(paths.versions("northbank/page-1"), { notes: "" });
    expect(await refs(people.member, "page-1 state:draft", "version")).toEqual([
      "northbank/page-1@3",
      "northbank/page-1@2",
      "northbank/page-1@1",
    ]);
  });
});
