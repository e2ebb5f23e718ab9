import { paths, type Verification, type VersionSeal } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import {
  anAdapter,
  aPyramid,
  dataset,
  forceState,
  register,
  released,
  sealed,
  sha256,
  upload,
  versionId,
} from "../../test/registry-fixtures.js";
import { auditDigest, canonicalJson } from "../platform/database/audit-record.js";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { VersionSeals } from "../registry/seals/version-seals.service.js";
import { SealVersion } from "../registry/versions/seal-version.js";
import { SealBaselines } from "./seal-baselines.service.js";
import { VerifyVersion } from "./verify-version.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let intruder: pg.Client;
/** Each test alters versions of its own: a second finance base, a job's result on the first, and its id. */
let other: string;
let made: { readonly ref: string; readonly id: string; readonly rootDigest: string };

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await register(people.stranger, { tier: "institution", slug: "calls" });
  await dataset(people.member, "northbank/dialogues", '{"text":"x"}\n');
  await dataset(people.member, "northbank/dialogues", '{"text":"y"}\n');
  intruder = new pg.Client({ connectionString: platform.database.superuserUrl });
  await intruder.connect();
  // Past every trigger, as someone with the database's own password would.
  await intruder.query("set session_replication_role = replica");
});
afterAll(async () => {
  await intruder?.end();
  await platform?.close();
});
beforeEach(async () => {
  other = await released(platform, people.engineer, "finance/ledger", {
    parents: [{ version: people.foundation, relation: "pretrained_from" }],
  });
  made = await fromJob();
});

const dataId = (number: number) =>
  asSystem<{ id: string }>(
    platform,
    "select dv.id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = 'dialogues' and dv.number = $1",
    [number],
  ).then((rows) => rows[0]?.id ?? "");

/** A version as a job leaves it. */
async function fromJob() {
  const files = Object.entries(anAdapter(newId("request"))).map(([path, bytes]) => ({ path, bytes: Buffer.from(bytes) }));
  for (const { bytes } of files) await upload(people.admin, bytes);
  const parent = await versionId(platform, people.finance);
  const [base] = await asSystem<{ root_digest: string }>(platform, "select root_digest from versions where id = $1", [parent]);
  const [model] = await asSystem<{ id: string }>(platform, "select id from models where namespace = 'northbank' and slug = 'cards'");
  const { institutionId, institutionSlug } = people.admin.viewer;
  const data = await dataId(1);
  return platform.app.get(UnitOfWork).run(systemViewer(institutionId, institutionSlug), (tx) =>
    platform.app.get(SealVersion).sealFromJob(tx, {
      jobId: newId("job"),
      modelId: model?.id ?? "",
      method: "lora",
      artifactKind: "adapter",
      files: files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), sizeBytes: bytes.length })),
      parents: [{ versionId: parent, relation: "adapter_of", digest: base?.root_digest ?? "" }],
      datasetVersionIds: [data],
      parameters: 4,
      createdBy: "member",
    }),
  );
}

/** Asks, has the worker do it, and answers what was found. */
async function verify(ref: string): Promise<Verification> {
  const asked = await people.engineer.post(paths.verifications(ref));
  if (asked.status !== 201) throw new Error(asked.text);
  await platform.app.get(VerifyVersion, { strict: false }).verify({ verificationId: asked.body.id });
  return (await people.engineer.get(paths.verifications(ref))).body.data[0];
}
const stateOf = async (ref: string) => (await people.engineer.get(paths.version(ref))).body.state;
const sealOf = async (ref: string): Promise<VersionSeal> => (await people.engineer.get(paths.versionSeal(ref))).body;

describe("a version whose rows are what was sealed", () => {
  it("passes, whether a job made it or a person drafted it, whatever state it moved on to", async () => {
    const drafted = await sealed(people.admin, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    await forceState(platform, made.ref, "released");
    for (const ref of [people.foundation, people.finance, other, drafted, made.ref]) {
      expect(await verify(ref)).toMatchObject({ state: "intact", altered: [] });
    }
  });

  it("tells its record, whose digest stands in the audit entry of the sealing", async () => {
    const seal = await sealOf(made.ref);
    expect(seal).toMatchObject({
      version: made.ref,
      origin: "sealing",
      record: {
        ref: made.ref,
        rootDigest: made.rootDigest,
        state: "sealed",
        parents: [{ ref: people.finance, relation: "adapter_of", seal: "sealed" }],
        datasets: [{ ref: "northbank/dialogues@1" }],
      },
    });
    expect(seal.digest).toBe(sha256(canonicalJson(seal.record)));
    const after = auditDigest({ state: "sealed", rootDigest: seal.record.rootDigest, record: seal.digest });
    const entries = await asSystem(platform, "select after_digest from audit_entries where action = 'version.seal' and object = $1", [
      made.ref,
    ]);
    expect(entries).toEqual([{ after_digest: after }]);
  });

  it("keeps its record from those who may not know the version", async () => {
    expect((await people.stranger.get(paths.versionSeal(made.ref))).status).toBe(404);
    expect((await people.member.get(paths.versionSeal(made.ref))).status).toBe(200);
    await expect(asSystem(platform, "update version_seals set record = '' where version_id = $1", [made.id])).rejects.toThrow();
  });
});

describe("rows changed past every trigger", () => {
  it("of a derivation are found, named, quarantined, told to the owner and written into the log", async () => {
    await forceState(platform, made.ref, "released");
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [made.id, await versionId(platform, other)]);
    const found = await verify(made.ref);
    const difference = { field: "parents[0].ref", was: people.finance, is: other };
    expect(found).toMatchObject({ state: "damaged", firstBad: null });
    expect(found.altered[0]).toEqual(difference);
    expect(await stateOf(made.ref)).toBe("quarantined");
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'version.verify' and object = $1",
      [made.ref],
    );
    expect(entry?.reason).toContain(`parents[0].ref: was ${people.finance}, is ${other}`);
    const inbox = (await people.admin.get(paths.notices())).body.data;
    expect(inbox.find(({ subject }: { subject: string }) => subject === made.ref)).toMatchObject({ kind: "version_quarantined" });

    // Put back as it was, the version is read again and returns.
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [made.id, await versionId(platform, people.finance)]);
    expect(await verify(made.ref)).toMatchObject({ state: "intact", altered: [] });
    expect((await people.northReleaser.post(paths.transitions(made.ref), { to: "released", reason: "rows put back" })).status).toBe(200);
  });

  it.each([
    ["a derivation taken out", "delete from edges where child_id = $1", /^parents\[0\]$/],
    ["a relation", "update edges set relation = 'finetuned_from' where child_id = $1", /^parents\[0\]\.relation$/],
    ["a pinned digest", "update edges set parent_digest = repeat('0', 64) where child_id = $1", /^parents\[0\]\.rootDigest$/],
    ["who says so", "update edges set seal = 'declared' where child_id = $1", /^parents\[0\]\.seal$/],
    ["data taken out", "delete from dataset_uses where version_id = $1", /^datasets\[0\]$/],
    ["the method", "update versions set method = 'full' where id = $1", /^method$/],
    ["who made it", "update versions set created_by = 'somebody' where id = $1", /^createdBy$/],
    ["when it was sealed", "update versions set sealed_at = sealed_at - interval '1 microsecond' where id = $1", /^sealedAt$/],
    [
      "terms",
      `update versions set effective_terms = jsonb_set(effective_terms, '{redistribution}', 'false') where id = $1`,
      /^effectiveTerms\./,
    ],
    ["what was found in the files", `update versions set inspection = '{}' where id = $1`, /^inspection$/],
    ["a file's name", "update version_files set path = 'other.json' where version_id = $1 and path = 'adapter_config.json'", /^files$/],
    ["the closure", "update line_closure set anc_seq = 0 where line_id = (select line_id from versions where id = $1)", /^closure$/],
    ["the record alone", "delete from version_seals where version_id = $1", /^seal$/],
  ])("are named: %s", async (_, harm, field) => {
    await intruder.query(harm, [made.id]);
    const found = await verify(made.ref);
    expect(found.state).toBe("damaged");
    expect(found.altered[0]?.field).toMatch(field);
    expect(await stateOf(made.ref)).toBe("quarantined");
  });

  it("of the data learnt from name both", async () => {
    await intruder.query("update dataset_uses set dataset_version_id = $2 where version_id = $1", [made.id, await dataId(2)]);
    expect((await verify(made.ref)).altered).toContainEqual({
      field: "datasets[0].ref",
      was: "northbank/dialogues@1",
      is: "northbank/dialogues@2",
    });
  });

  it("are found also where the record was rewritten to fit: the log holds another digest", async () => {
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [made.id, await versionId(platform, other)]);
    await intruder.query(
      "update line_closure set anc_seq = (select line_seq from versions where id = $2) where line_id = (select line_id from versions where id = $1)",
      [made.id, await versionId(platform, other)],
    );
    const { record } = await sealOf(made.ref);
    const forged = { ...record, parents: record.parents.map((parent) => ({ ...parent, ref: other })) };
    await intruder.query("update version_seals set record = $2 where version_id = $1", [made.id, canonicalJson(forged)]);
    const found = await verify(made.ref);
    expect(found.state).toBe("damaged");
    expect(found.altered[0]?.field).toBe("seal");
  });

  it("are found where the record is nonsense, or calls itself a baseline", async () => {
    await intruder.query("update version_seals set record = 'nonsense' where version_id = $1", [made.id]);
    expect((await verify(made.ref)).altered).toEqual([{ field: "seal", was: "sealed", is: "nonsense" }]);
    const second = await fromJob();
    await intruder.query("update version_seals set origin = 'baseline' where version_id = $1", [second.id]);
    expect((await verify(second.ref)).altered[0]).toMatchObject({ field: "seal", was: null });
  });

  it("that name another institution's version do not tell its name", async () => {
    const theirs = await sealed(people.stranger, "southbank/calls", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [made.id, await versionId(platform, theirs)]);
    await verify(made.ref);
    const seen = (await people.admin.get(paths.verifications(made.ref))).text;
    expect(seen).toContain("parents[0].ref");
    expect(seen + (await people.admin.get(paths.notices())).text).not.toContain("southbank");
  });

  it("of one version leave the versions beside it and above it as they are", async () => {
    const beside = await fromJob();
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [made.id, await versionId(platform, other)]);
    for (const ref of [beside.ref, people.finance, other]) expect((await verify(ref)).state).toBe("intact");
  });
});

describe("a version sealed before there were records", () => {
  /** As one that an older release sealed: no record, and an audit entry without its digest. */
  async function anOldOne() {
    const old = await fromJob();
    await intruder.query("delete from version_seals where version_id = $1", [old.id]);
    await intruder.query("update audit_entries set after_digest = $2 where action = 'version.seal' and object = $1", [
      old.ref,
      auditDigest({ state: "sealed", rootDigest: old.rootDigest }),
    ]);
    return old;
  }
  const all = async () => {
    const baselines = new SealBaselines(platform.app.get(UnitOfWork), platform.app.get(VersionSeals, { strict: false }));
    while (await baselines.makeSome());
  };
  const entries = (ref: string) =>
    asSystem(platform, "select 1 from audit_entries where action = 'version.baseline' and object = $1", [ref]);

  it("is given a baseline once, however many workers go through, that says when and does not claim more", async () => {
    const old = await anOldOne();
    await forceState(platform, old.ref, "released");
    await Promise.all([all(), all()]);
    await all();
    expect(await sealOf(old.ref)).toMatchObject({ origin: "baseline", record: { state: "released" } });
    expect(Date.parse((await sealOf(old.ref)).at)).toBeGreaterThan(Date.parse((await sealOf(old.ref)).record.sealedAt));
    expect(await entries(old.ref)).toHaveLength(1);
    expect(await verify(old.ref)).toMatchObject({ state: "intact", altered: [] });
    await intruder.query("update edges set parent_id = $2 where child_id = $1", [old.id, await versionId(platform, other)]);
    expect((await verify(old.ref)).altered[0]).toEqual({ field: "parents[0].ref", was: people.finance, is: other });
  });

  it("has its baseline when it is verified first", async () => {
    const old = await anOldOne();
    expect((await people.engineer.get(paths.versionSeal(old.ref))).status).toBe(404);
    expect(await verify(old.ref)).toMatchObject({ state: "intact" });
    expect(await sealOf(old.ref)).toMatchObject({ origin: "baseline" });
  });

  it("gets no second baseline after the first was taken away, and a record taken away is not made anew", async () => {
    const old = await anOldOne();
    await all();
    await intruder.query("delete from version_seals where version_id = any($1)", [[old.id, made.id]]);
    await all();
    for (const ref of [old.ref, made.ref]) {
      expect((await people.engineer.get(paths.versionSeal(ref))).status).toBe(404);
      expect((await verify(ref)).altered[0]).toEqual({ field: "seal", was: "sealed", is: null });
    }
    expect(await entries(old.ref)).toHaveLength(1);
  });

  it("keeps no half of a batch that broke off", async () => {
    const old = await anOldOne();
    const work = platform.app.get(UnitOfWork).run(systemViewer("", "", "test"), async (tx) => {
      await platform.app.get(VersionSeals, { strict: false }).makeBaselines(tx, "", 1000);
      throw new Error("killed");
    });
    await expect(work).rejects.toThrow("killed");
    expect([await entries(old.ref), (await people.engineer.get(paths.versionSeal(old.ref))).status]).toEqual([[], 404]);
    await all();
    expect(await entries(old.ref)).toHaveLength(1);
  });
});
