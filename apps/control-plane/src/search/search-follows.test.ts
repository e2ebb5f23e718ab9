import { paths, type SearchAnswer, type SearchKind } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, register, sealed } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const answer = async (client: Client, q: string, more = ""): Promise<SearchAnswer> =>
  (await client.get(`${paths.search()}?q=${encodeURIComponent(q)}${more}`)).body;
const refs = async (client: Client, q: string, kind: SearchKind = "model"): Promise<string[]> =>
  (await answer(client, q, `&kind=${kind}`)).data.map(({ ref }) => ref);

describe("what changes at its source", () => {
  it("is found as it is now, and no longer as it was: name, card, licence and tags of a model", async () => {
    const { admin } = people;
    await register(admin, { tier: "institution", slug: "okapi", name: "okapi one", tags: ["stripes"], card: { purpose: "grazing" } });
    const patch = (body: object) => admin.patch(paths.model("northbank/okapi"), body, { "if-match": "*" });
    await patch({ name: "renamed", licence: "BSL-1.1", tags: ["horns"], card: { purpose: "running" } });
    for (const q of ["okapi one", "stripes", "grazing"]) expect([q, await refs(admin, `"${q}"`)]).toEqual([q, []]);
    for (const q of ["renamed", "horns", "running", "bsl", "tag:horns"])
      expect([q, await refs(admin, q)]).toEqual([q, ["northbank/okapi"]]);
  });

  it("is found with fields that a card has of another release's making, however deep", async () => {
    await register(people.admin, { tier: "institution", slug: "deep", name: "deep" });
    const card = { evaluation: { factors: ["sphinx", { more: "griffin" }] } };
    await asSystem(platform, "update models set card = card || $1 where slug = 'deep'", [JSON.stringify(card)]);
    const ids = await asSystem(platform, "select id from find_search_text(array['sphinx', 'griffin'], 'model', 9)");
    expect(ids).toHaveLength(1);
  });

  it("is a state: a model and its version change theirs in the answer when they move", async () => {
    const ref = await sealed(people.admin, "northbank/okapi", {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    expect((await answer(people.admin, "renamed", "&kind=model")).data[0]?.state).toBe("sealed");
    await people.admin.post(paths.transitions(ref), { to: "in_review" });
    expect(await refs(people.admin, "renamed state:sealed", "version")).toEqual([]);
    expect((await answer(people.admin, "renamed state:in_review", "&kind=version")).data[0]).toMatchObject({ ref, state: "in_review" });
  });

  it("is a member who left", async () => {
    await platform.addPerson("northbank", "heron@north.example", "institution_member");
    const [member] = await asSystem<{ id: string }>(platform, "select id from users where email = 'heron@north.example'");
    expect(await refs(people.member, "heron", "person")).toEqual(["heron@north.example"]);
    await people.admin.delete(paths.member("northbank", member?.id ?? ""));
    expect(await refs(people.member, "heron", "person")).toEqual([]);
    expect(await asSystem(platform, "select id from search_documents where id = $1", [member?.id])).toEqual([]);
  });

  it("leaves nothing of what is removed", async () => {
    const made = await people.admin.post(paths.versions("northbank/okapi"), { notes: "ibis" });
    expect(await refs(people.admin, "ibis", "version")).toEqual([made.body.ref]);
    await asSystem(platform, "update versions set notes = '' where id = $1", [made.body.id]);
    expect(await refs(people.admin, "ibis", "version")).toEqual([]);
    await asSystem(platform, "update versions set notes = 'ibis' where id = $1", [made.body.id]);
    await asSystem(platform, "delete from versions where id = $1", [made.body.id]);
    expect(await asSystem(platform, "select id from search_documents where id = $1", [made.body.id])).toEqual([]);
  });

  it("does not come to be when the change is rolled back: a duplicate registers nothing", async () => {
    await register(people.admin, { tier: "institution", slug: "okapi", name: "wyvern" });
    expect(await asSystem(platform, "select id from search_documents where said like '%wyvern%'")).toEqual([]);
  });
});
