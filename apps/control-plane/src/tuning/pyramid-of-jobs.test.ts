import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, type Job, paths, Version } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Client } from "../../test/harness.js";
import { type JobsBench, jobOf, jobsBench, lineOf, pretraining, reaches, request, stubOrders } from "../../test/jobs-bench.js";
import { dataset, forceState } from "../../test/registry-fixtures.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bench: JobsBench;
let admin: Client;
let member: Client;
let foundation: string;
let finance: string;
let heldOut: string;

const sealed = async (client: Client, job: Job): Promise<string> => {
  const { version } = await reaches(client, job.id, "succeeded");
  if (version === null) throw new Error("no version");
  await forceState(bench.platform, version, "released");
  return version;
};

beforeAll(async () => {
  bench = await jobsBench({ slots: 2 });
  await bench.platform.addInstitution("northbank");
  admin = await bench.platform.addPerson("northbank", "admin@north.example", "institution_admin");
  member = await bench.platform.addPerson("northbank", "member@north.example", "institution_member");
  const { engineer } = bench;
  const base = await lineOf(engineer, "foundation", "base");
  const ledger = await lineOf(engineer, "finance", "ledger");
  foundation = await sealed(engineer, await request(engineer, pretraining(base, await stubOrders(engineer, {}))));
  const datasets = [await stubOrders(engineer, {})];
  finance = await sealed(
    engineer,
    await request(engineer, { kind: "pretrain", method: "continued", model: ledger, parent: foundation, datasets }),
  );
  await lineOf(admin, "institution", "cards");
  heldOut = await stubOrders(member, {}, "chat");
});
afterAll(() => bench.close());

async function tuned(more: { method: "lora" | "full"; evaluateOn?: string[] }): Promise<Job> {
  const job = await request(member, {
    kind: "tune",
    model: "northbank/cards",
    parent: finance,
    datasets: [await stubOrders(member, {}, "chat")],
    ...more,
  });
  await admin.post(paths.jobAction(job.id, "approve"), {});
  return reaches(member, job.id, "succeeded");
}

describe("a task model's job", () => {
  it("seals an adapter bound to its parent's digest, and scores both on the held-out rows", async () => {
    const job = await tuned({ method: "lora", evaluateOn: [heldOut] });
    const version = Version.parse((await member.get(paths.version(job.version ?? ""))).body);
    const parent = (await member.get(paths.version(finance))).body;
    expect(version.artifactKind).toBe("adapter");
    expect(version.parents).toEqual([{ version: finance, relation: "adapter_of", seal: "sealed", rootDigest: parent.rootDigest }]);
    expect(job.evaluationJobs).toHaveLength(2);
    const scores: Evaluation[] = (await member.get(`${paths.evaluations()}?filter[dataset]=${encodeURIComponent(heldOut)}`)).body.data;
    expect(scores.map((score) => [score.version, score.exactMatch, score.owner]).sort()).toEqual([
      [finance, 0.5, "northbank"],
      [job.version, 0.5, "northbank"],
    ]);
  });

  it("does not score its parent again where the score is there", async () => {
    const job = await tuned({ method: "full", evaluateOn: [heldOut] });
    expect(job.evaluationJobs).toHaveLength(1);
    const child = await jobOf(member, job.evaluationJobs[0] ?? "");
    expect([child.parent, child.datasets]).toEqual([job.version, [heldOut]]);
  });

  it("gives its scores to nobody else, and their items not even to the platform's people", async () => {
    const { platform, engineer } = bench;
    await platform.addInstitution("southbank");
    const stranger = await platform.addPerson("southbank", "admin@south.example", "institution_admin");
    const [score] = (await member.get(paths.evaluations())).body.data;
    expect((await stranger.get(paths.evaluations())).body.data).toEqual([]);
    expect((await stranger.get(paths.evaluation(score.id))).status).toBe(404);
    expect((await stranger.get(paths.evaluationItems(score.id))).status).toBe(404);
    expect((await engineer.get(paths.evaluationItems(score.id))).status).toBe(404);
    expect((await member.get(paths.evaluationItems(score.id))).body.data[0]).toMatchObject({ format: "chat", expected: "fine" });
  });

  it("of a merge reads the adapter and what it stands on, and stays in its line", async () => {
    const adapter = await tuned({ method: "lora" });
    const job = await request(member, { kind: "merge", model: "northbank/cards", parent: adapter.version ?? "" });
    const done = await reaches(member, job.id, "succeeded");
    const version = Version.parse((await member.get(paths.version(done.version ?? ""))).body);
    expect([version.artifactKind, version.parents.map(({ relation }) => relation)]).toEqual(["merged", ["merged_from"]]);
  });
});

describe("a file that is not what its digest says", () => {
  it("is refused before training, whichever input it is", async () => {
    const { platform, engineer } = bench;
    const rows = await dataset(engineer, "foundation/rotten", `${JSON.stringify({ text: "a row that will rot" })}\n`);
    const path = blobWith(platform.config.blobs.directory, "a row that will rot");
    writeFileSync(path, readFileSync(path, "utf8").replace("rot", "r0t"));
    const job = await request(engineer, pretraining("foundation/base", rows));
    const failed = await reaches(engineer, job.id, "failed");
    expect(failed.attempts).toMatchObject([{ state: "failed", failure: { class: "digest_mismatch" } }]);
    expect(failed.stateReason).toContain("operator");
    expect(failed.history.map(({ state }) => state)).not.toContain("running");
  });
});

function blobWith(directory: string, text: string): string {
  const found = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .find((path) => statSync(path).isFile() && readFileSync(path, "utf8").includes(text));
  if (found === undefined) throw new Error("no such blob");
  return found;
}
