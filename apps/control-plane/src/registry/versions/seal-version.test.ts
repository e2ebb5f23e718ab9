import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { anAdapter, aPyramid, dataset, forceState, move, released, sha256, upload, versionId } from "../../../test/registry-fixtures.js";
import { newId } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { type JobResult, SealVersion } from "./seal-version.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

async function aResult(given: Partial<JobResult> = {}, parent = people.finance): Promise<JobResult> {
  const files = Object.entries(anAdapter(newId("request"))).map(([path, bytes]) => ({ path, bytes: Buffer.from(bytes) }));
  for (const { bytes } of files) await upload(people.admin, bytes);
  const [model] = await asSystem<{ id: string }>(platform, "select id from models where namespace = 'northbank' and slug = 'cards'");
  const [base] = await asSystem<{ root_digest: string }>(platform, "select root_digest from versions where id = $1", [
    await versionId(platform, parent),
  ]);
  return {
    jobId: newId("job"),
    modelId: model?.id ?? "",
    method: "lora",
    artifactKind: "adapter",
    files: files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), sizeBytes: bytes.length })),
    parents: [{ versionId: await versionId(platform, parent), relation: "adapter_of", digest: base?.root_digest ?? "" }],
    datasetVersionIds: [],
    parameters: 4,
    createdBy: "member",
    ...given,
  };
}
const seal = (result: JobResult) => {
  const { institutionId, institutionSlug } = people.admin.viewer;
  return platform.app
    .get(UnitOfWork)
    .run(systemViewer(institutionId, institutionSlug), (tx) => platform.app.get(SealVersion).sealFromJob(tx, result));
};
const refusal = (result: JobResult) =>
  seal(result).then(
    () => ["sealed"],
    (error: unknown) => (error instanceof Refusal ? error.violations.map(({ code }) => code) : [String(error)]),
  );

describe("a job's result", () => {
  it("becomes one sealed version with its derivation, data and audit entry, however often and at once it is delivered", async () => {
    const data = await dataset(people.member, "northbank/dialogues", '{"text":"x"}\n');
    const [row] = await asSystem<{ id: string }>(
      platform,
      "select dv.id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = 'dialogues'",
    );
    const result = await aResult({ datasetVersionIds: [row?.id ?? ""] });
    const answers = await Promise.all([seal(result), seal(result), seal(result)]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const ref = answers[0]?.ref ?? "";
    expect((await people.admin.get(paths.version(ref))).body).toMatchObject({
      state: "sealed",
      job: result.jobId,
      method: "lora",
      parameters: 4,
      createdBy: "member",
      datasets: [data],
      parents: [{ version: people.finance, relation: "adapter_of", seal: "sealed", rootDigest: result.parents[0]?.digest }],
    });
    expect(await asSystem(platform, "select 1 from audit_entries where action = 'version.seal' and object = $1", [ref])).toHaveLength(1);
    expect((await people.member.get(paths.datasetVersion(data))).body.trained).toEqual([ref]);
  });

  it("is refused when the parent has not the digest the job was given", async () => {
    const result = await aResult();
    expect(await refusal({ ...result, parents: result.parents.map((p) => ({ ...p, digest: "00".repeat(32) })) })).toEqual([
      "parent_digest",
    ]);
  });

  it("is refused when a file was never uploaded, has another size, or could run code", async () => {
    const result = await aResult();
    const [file] = result.files;
    if (file === undefined) throw new Error("a result has a file");
    expect(await refusal({ ...result, files: [file, { path: "b.json", sha256: sha256("never"), sizeBytes: 5 }] })).toEqual([
      "blob_unknown",
    ]);
    expect(await refusal({ ...result, files: [{ ...file, sizeBytes: file.sizeBytes + 1 }] })).toEqual(["blob_unknown"]);
    const pickle = Buffer.from([0x80, 0x04, 0x95, 0x00]);
    await upload(people.admin, pickle);
    expect(await refusal({ ...result, files: [file, { path: "notes.txt", sha256: sha256(pickle), sizeBytes: 4 }] })).toEqual([
      "executable_serialisation",
    ]);
    expect(await refusal({ ...result, files: [] })).toContain("files_required");
  });

  it("is refused when its parent was withdrawn meanwhile, and stands when it was only deprecated", async () => {
    const withdrawn = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const deprecated = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const [one, two] = [await aResult({}, withdrawn), await aResult({}, deprecated)];
    await move(people.engineer, withdrawn, "recalled");
    await move(people.engineer, deprecated, "deprecated");
    expect(await refusal(one)).toEqual(["parent_withdrawn"]);
    expect(await refusal(two)).toEqual(["sealed"]);
  });

  it("is refused when data it learnt from was withdrawn meanwhile", async () => {
    const ref = await dataset(people.member, "northbank/taken-back", '{"text":"y"}\n');
    const [row] = await asSystem<{ id: string }>(
      platform,
      "select dv.id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = 'taken-back'",
    );
    const result = await aResult({ datasetVersionIds: [row?.id ?? ""] });
    const { body: preview } = await people.admin.post(paths.recallPreview(), { dataset: ref });
    const recall = await people.admin.post(paths.recalls(), { dataset: ref, graph: preview.graph, reason: "consent was taken back" });
    expect(recall.status).toBe(201);
    expect(await refusal(result)).toEqual(["dataset_withdrawn"]);
  });

  it("leaves nothing behind when it is refused", async () => {
    const count = async () => (await asSystem(platform, "select 1 from versions where model_id = $1", [(await aResult()).modelId])).length;
    const before = await count();
    await refusal(await aResult({ artifactKind: "full" }));
    expect(await count()).toBe(before);
    await forceState(platform, people.finance, "released");
  });
});
