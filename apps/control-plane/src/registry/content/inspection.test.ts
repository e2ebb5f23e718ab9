import { paths, VersionInspection } from "@ziggurat/contracts";
import { aSafetensorsFile } from "@ziggurat/foundation";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import {
  aModelOf,
  anAdapter,
  aPyramid,
  dataset,
  draft,
  forceState,
  move,
  register,
  score,
  sealed,
  versionId,
} from "../../../test/registry-fixtures.js";
import { newId } from "../../platform/database/ids.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const adapterOf = (version: string) => ({ artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });
const inspectionOf = async (ref: string, client = people.engineer) =>
  VersionInspection.parse((await client.get(paths.versionInspection(ref))).body).inspection;
const codes = ({ body }: Answer) => body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
/** Drafts these files and asks for the seal; answers why not, with the state it is left in. */
async function refused(files: Record<string, Uint8Array | string>, client = people.engineer, model = "foundation/base", more = {}) {
  const made = await draft(client, model, { files, ...more });
  expect(made.status).toBe(201);
  const answer = await move(client, made.body.ref, "sealed");
  const { body } = await client.get(paths.version(made.body.ref));
  return { status: answer.status, codes: codes(answer), detail: String(answer.body.errors[0]?.detail), state: body.state };
}

describe("the inspection of a version", () => {
  it("is there once it is sealed, and not before", async () => {
    const files = {
      ...aModelOf(newId("request")),
      "config.json": JSON.stringify({ model_type: "llama", vocab_size: 39_438, hidden_size: 2 }),
      "README.md": "---\nlicense: cc-by-nc-4.0\nbase_model: acme/base\n---\n",
    };
    const made = await draft(people.engineer, "foundation/base", { files });
    expect(await inspectionOf(made.body.ref)).toBeNull();
    const answer = await move(people.engineer, made.body.ref, "sealed");
    expect(await inspectionOf(made.body.ref)).toMatchObject({
      family: { name: "xuanyuan", standsOn: "llama" },
      weights: { parameters: 4, shards: 1, dtypes: [{ dtype: "F32", tensors: 1, numbers: 4 }] },
      card: { licence: "cc-by-nc-4.0", baseModels: ["acme/base"] },
      remoteCode: [],
    });
    expect(answer.body.effectiveTerms).toMatchObject({ commercialUse: false, redistribution: true });
  });

  it("cannot be changed or taken away after the seal, also not by SQL", async () => {
    const id = await versionId(platform, people.finance);
    const client = new pg.Client({ connectionString: platform.database.appUrl });
    await client.connect();
    const set =
      "select set_config('app.institution', 'ins_00000000000000000000000000000000', false), set_config('app.reach', 'system', false)";
    await client.query(set);
    const change = client.query("update versions set inspection = null where id = $1", [id]);
    await expect(change).rejects.toMatchObject({ code: "ZG001" });
    await client.end();
  });

  it("is shown to whoever sees the version, and to nobody else", async () => {
    const ref = await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    expect(await inspectionOf(ref, people.member)).toMatchObject({ adapter: { method: "LORA", rank: 1, checkedAgainst: people.finance } });
    expect((await people.stranger.get(paths.versionInspection(ref))).status).toBe(404);
    expect((await people.stranger.get(paths.versionInspection(people.finance))).status).toBe(200);
  });
});

describe("sealing is refused, and nothing of the seal is left,", () => {
  it("when an index and its shards contradict each other", async () => {
    const shard = aSafetensorsFile({ a: { shape: [2] } }, { salt: newId("request") });
    const map = { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" };
    const found = await refused({
      "model-00001-of-00002.safetensors": shard,
      "model.safetensors.index.json": JSON.stringify({ weight_map: map }),
    });
    expect(found).toMatchObject({ status: 422, codes: ["shard_missing /files/1/path"], state: "draft" });
  });

  it("when a configuration or a card is hostile", async () => {
    const bomb = "---\na: &a [x,x]\ntags: [*a,*a]\n---\n";
    const found = await refused({ ...aModelOf(newId("request")), "config.json": '{"a":1,"a":2}', "README.md": bomb });
    expect(found.codes).toEqual(["config_invalid /files/1/path", "card_invalid /files/0/path"]);
  });

  it.each([
    ["does nothing", { fillB: 0 }, "adapter_no_effect"],
    ["targets a module that the base lacks", { config: { target_modules: ["proj", "k_proj"] } }, "adapter_target_missing"],
    ["speaks of layers that were renamed", { module: "projection" }, "adapter_target_missing"],
    ["has another rank than it says", { config: { r: 8 } }, "adapter_rank"],
  ])("when an adapter %s", async (_, given, code) => {
    const found = await refused(anAdapter(newId("request"), given), people.admin, "northbank/cards", adapterOf(people.finance));
    expect([found.status, found.codes[0]?.split(" ")[0], found.state]).toEqual([422, code, "draft"]);
  });

  it("when an adapter was made for another base", async () => {
    const other = { "model.safetensors": aSafetensorsFile({ "proj.weight": { shape: [3, 5] } }), "config.json": "{}" };
    const base = await sealed(people.engineer, "finance/ledger", {
      files: other,
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    await forceState(platform, base, "released");
    const found = await refused(anAdapter(newId("request")), people.admin, "northbank/cards", adapterOf(base));
    expect([found.codes, found.detail]).toEqual([
      ["adapter_shape /files/1/path"],
      `it was made for another base than ${base}: proj takes 2 inputs to outputs 2, and the base's weight is 3 × 5`,
    ]);
  });
});

describe("remote code", () => {
  it("is sealed and flagged, and blocks the release with its files named", async () => {
    await register(people.engineer, { tier: "foundation", slug: "custom" });
    const files = {
      ...aModelOf(newId("request")),
      "config.json": '{"auto_map":{"AutoModel":"modeling_x.X"}}',
      "modeling_x.py": "import os",
    };
    const ref = await sealed(people.engineer, "foundation/custom", { files });
    await score(platform, ref, await dataset(people.engineer, "foundation/remote", '{"text":"words"}\n'), { perplexity: 12 });
    await move(people.engineer, ref, "in_review");
    const answer = await move(people.releaser, ref, "released");
    expect([answer.status, answer.body.errors.map(({ code }: { code: string }) => code)]).toEqual([422, ["gate_failed"]]);
    expect(answer.body.errors[0].detail).toMatch(/config\.json: auto_map.*modeling_x\.py/);
  });

  it("of a version sealed before there were inspections is known by the names of its files", async () => {
    const ref = await sealed(people.engineer, "foundation/custom", {
      files: { ...aModelOf(newId("request")), "modeling_x.py": "import os" },
    });
    const plain = await sealed(people.engineer, "foundation/custom");
    const client = new pg.Client({ connectionString: platform.database.superuserUrl });
    await client.connect();
    await client.query("set session_replication_role = replica");
    const ids = [await versionId(platform, ref), await versionId(platform, plain)];
    await client.query("update versions set inspection = null where id = any($1)", [ids]);
    await client.end();
    expect(await inspectionOf(ref)).toBeNull();
    const verdict = async (version: string) =>
      (await people.engineer.get(paths.version(version))).body.gates.find(({ gate }: { gate: string }) => gate === "remote_code");
    expect(await verdict(ref)).toMatchObject({ verdict: "failed", detail: expect.stringContaining("modeling_x.py") });
    expect(await verdict(plain)).toMatchObject({ verdict: "passed" });
    expect(await asSystem(platform, "select 1 from versions where id = any($1) and inspection is null", [ids])).toHaveLength(2);
  });
});
