import { open, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, aSafetensors, register, released, sealed, sha256, upload, versionId } from "../../test/registry-fixtures.js";
import { newId } from "../platform/database/ids.js";
import { VerifyVersion } from "./verify-version.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;

beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_VERIFY_EVERY_HOURS: "24" } });
  people = await aPyramid(platform);
  await register(people.stranger, { tier: "institution", slug: "calls" });
});
afterAll(() => platform.close());

const worker = () => platform.app.get(VerifyVersion, { strict: false });
const ask = (client: typeof people.engineer, ref: string) => client.post(paths.verifications(ref));
const onDisk = (digest: string) => join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest);
const stateOf = async (ref: string) => (await people.engineer.get(paths.version(ref))).body.state;

/** Asks, has the worker do it, and answers what was found. */
async function verify(ref: string) {
  const asked = await ask(people.engineer, ref);
  if (asked.status !== 201) throw new Error(asked.text);
  await worker().verify({ verificationId: asked.body.id });
  return (await people.engineer.get(paths.verifications(ref))).body.data[0];
}

/** A released finance version with weights of its own. */
async function aFinanceVersion(weights = aSafetensors(64, newId("request"))): Promise<{ ref: string; digest: string }> {
  await upload(people.engineer, weights);
  const ref = await released(platform, people.engineer, "finance/ledger", {
    parents: [{ version: people.foundation, relation: "pretrained_from" }],
    files: { "model.safetensors": weights, "config.json": "{}" },
  });
  return { ref, digest: sha256(weights) };
}

async function flipOneBit(digest: string): Promise<void> {
  const file = await open(onDisk(digest), "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 300);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 300);
  await file.close();
}

describe("a verification", () => {
  it("finds a version intact that is what was sealed, and says so in the audit log", async () => {
    const { ref } = await aFinanceVersion();
    const result = await verify(ref);
    expect(result).toMatchObject({ state: "intact", firstBad: null, cause: "asked", bytesDone: result.bytesTotal });
    expect(await stateOf(ref)).toBe("released");
    const entries = await asSystem(platform, "select reason from audit_entries where action = 'version.verify' and object = $1", [ref]);
    expect(entries).toEqual([{ reason: "intact" }]);
  });

  it.each([
    ["a flipped bit", "digest", flipOneBit],
    ["a cut file", "size", (digest: string) => truncate(onDisk(digest), 10)],
    ["a lost file", "missing", (digest: string) => rm(onDisk(digest))],
  ] as const)("quarantines a version with %s, names the file, and shows it in every descendant", async (_, problem, harm) => {
    const { ref, digest } = await aFinanceVersion();
    const task = await released(platform, people.admin, "northbank/cards", { parents: [{ version: ref, relation: "finetuned_from" }] });
    await harm(digest);
    expect(await verify(ref)).toMatchObject({ state: "damaged", firstBad: { path: "model.safetensors", problem } });
    expect(await stateOf(ref)).toBe("quarantined");
    const seen = (await people.member.get(paths.version(task))).body;
    expect(seen.state).toBe("released");
    expect(seen.gates).toContainEqual(expect.objectContaining({ gate: "ancestry", verdict: "failed", detail: `${ref} is quarantined` }));
    const inbox = (await people.engineer.get(paths.notices())).body.data;
    expect(
      inbox.filter(({ kind, subject }: { kind: string; subject: string }) => kind === "version_quarantined" && subject === ref),
    ).toHaveLength(1);
    // Its bytes are not handed out any more.
    expect((await people.engineer.get(paths.versionFile(ref, "model.safetensors"))).status).toBe(422);
  });

  it("quarantines every version that holds the same bytes, and tells each owner of its own alone", async () => {
    const weights = aSafetensors(64, newId("request"));
    for (const client of [people.admin, people.stranger]) await upload(client, weights);
    const parents = [{ version: people.finance, relation: "finetuned_from" }];
    const ours = await sealed(people.admin, "northbank/cards", { parents, files: { "model.safetensors": weights } });
    const theirs = await sealed(people.stranger, "southbank/calls", { parents, files: { "model.safetensors": weights } });
    await flipOneBit(sha256(weights));
    await verify(ours);
    expect([await stateOf(ours), await stateOf(theirs)]).toEqual(["quarantined", "quarantined"]);
    const inboxes = await Promise.all([people.admin, people.stranger].map(async (client) => (await client.get(paths.notices())).text));
    expect([inboxes[0]?.includes(theirs), inboxes[1]?.includes(ours), inboxes[1]?.includes(theirs)]).toEqual([false, false, true]);
  });

  it("is one reading at a time, and done twice it changes nothing", async () => {
    const { ref } = await aFinanceVersion();
    const answers = await Promise.all([ask(people.engineer, ref), ask(people.engineer, ref), ask(people.engineer, ref)]);
    const ids = new Set(answers.map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    const [id] = ids;
    await Promise.all([worker().verify({ verificationId: id }), worker().verify({ verificationId: id })]);
    await worker().verify({ verificationId: id });
    const entries = await asSystem(platform, "select 1 from audit_entries where action = 'version.verify' and object = $1", [ref]);
    expect(entries).toHaveLength(1);
  });

  it("is refused to strangers, hidden where the version is, and has nothing to compare in a draft", async () => {
    const task = await sealed(people.admin, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
    expect((await ask(people.stranger, task)).status).toBe(404);
    expect((await ask(people.stranger, people.finance)).status).toBe(403);
    const made = await people.engineer.post(paths.versions("finance/ledger"), {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
      files: [{ path: "model.safetensors", sha256: await upload(people.engineer, aSafetensors()) }],
    });
    expect((await ask(people.engineer, made.body.ref)).status).toBe(409);
  });
});

describe("a quarantine", () => {
  const lift = (client: typeof people.engineer, ref: string, to = "released", reason = "restored from the backup") =>
    client.post(paths.transitions(ref), { to, reason });
  const movesOf = async (client: typeof people.engineer, ref: string) =>
    (await client.get(paths.version(ref))).body.moves
      .filter(({ allowed }: { allowed: boolean }) => allowed)
      .map(({ to }: { to: string }) => to);

  it("ends when the bytes were brought again and read, and the version is what it was", async () => {
    const weights = aSafetensors(64, newId("request"));
    const { ref, digest } = await aFinanceVersion(weights);
    const task = await released(platform, people.admin, "northbank/cards", { parents: [{ version: ref, relation: "finetuned_from" }] });
    const before = (await people.engineer.get(paths.version(ref))).body;
    await flipOneBit(digest);
    await verify(ref);
    expect(await movesOf(people.engineer, ref)).toEqual(["recalled"]);
    const early = await lift(people.releaser, ref);
    expect([early.status, early.body.errors[0].code]).toEqual([422, "not_verified"]);

    // What is damaged counts as missing for its owner, and is taken again.
    expect((await fetch(platform.url + paths.blob(digest), { method: "HEAD", headers: people.engineer.headers })).status).toBe(404);
    await upload(people.engineer, weights);
    expect(await verify(ref)).toMatchObject({ state: "intact" });
    expect(await movesOf(people.engineer, ref)).toEqual(["recalled"]);
    expect((await lift(people.engineer, ref)).status).toBe(403);
    expect(await movesOf(people.releaser, ref)).toEqual(["released", "recalled"]);
    expect((await lift(people.releaser, ref)).body).toMatchObject({ state: "released", releasedAt: before.releasedAt });
    const gates = (await people.member.get(paths.version(task))).body.gates;
    expect(gates).toContainEqual(expect.objectContaining({ gate: "ancestry", verdict: "passed" }));
    const entries = await asSystem(platform, "select reason from audit_entries where action = 'version.restore' and object = $1", [ref]);
    expect(entries).toEqual([{ reason: "restored from the backup" }]);
  });

  it("is not ended by bytes that are still wrong, by another state, without a reason, or by those who may not withdraw", async () => {
    const weights = aSafetensors(64, newId("request"));
    const { ref, digest } = await aFinanceVersion(weights);
    await flipOneBit(digest);
    await verify(ref);
    const wrong = await fetch(platform.url + paths.blob(digest), {
      method: "PUT",
      headers: people.engineer.headers,
      body: new Uint8Array(aSafetensors(64, newId("request"))),
    });
    expect(wrong.status).toBe(422);
    expect(await verify(ref)).toMatchObject({ state: "damaged" });
    expect((await lift(people.releaser, ref)).status).toBe(422);
    await upload(people.engineer, weights);
    await verify(ref);
    expect((await lift(people.engineer, ref, "sealed")).status).toBe(409);
    expect((await lift(people.releaser, ref, "released", " ")).body.errors[0].code).toBe("reason_required");
    expect((await lift(people.stranger, ref)).status).toBe(403);
    expect(await stateOf(ref)).toBe("quarantined");
  });

  it("made by a person ends the same way, and an older reading does not count", async () => {
    const { ref } = await aFinanceVersion();
    await verify(ref);
    await people.engineer.post(paths.transitions(ref), { to: "quarantined", reason: "answers are wrong" });
    expect((await lift(people.releaser, ref)).body.errors[0].code).toBe("not_verified");
    await verify(ref);
    expect((await lift(people.releaser, ref)).body.state).toBe("released");
  });

  it("that became a recall is not lifted as a quarantine", async () => {
    const { ref } = await aFinanceVersion();
    await people.engineer.post(paths.transitions(ref), { to: "quarantined", reason: "answers are wrong" });
    await people.engineer.post(paths.transitions(ref), { to: "recalled", reason: "answers are very wrong" });
    expect((await lift(people.engineer, ref)).status).toBe(409);
  });

  it("lifted by two at a time is lifted once", async () => {
    const { ref } = await aFinanceVersion();
    await people.engineer.post(paths.transitions(ref), { to: "quarantined", reason: "answers are wrong" });
    await verify(ref);
    const answers = await Promise.all([lift(people.releaser, ref), lift(people.releaser, ref)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const entries = await asSystem(platform, "select 1 from audit_entries where action = 'version.restore' and object = $1", [ref]);
    expect(entries).toHaveLength(1);
  });
});

describe("the schedule", () => {
  it("asks for versions that nobody read for a day, each once, and leaves the others", async () => {
    const { ref } = await aFinanceVersion();
    const id = await versionId(platform, ref);
    const open = () =>
      asSystem<{ cause: string }>(platform, "select cause from verifications where version_id = $1 and finished_at is null", [id]);
    await verify(ref);
    while ((await worker().schedule()) > 0);
    expect(await open()).toEqual([]);
    await asSystem(platform, "update integrity_checks set checked_at = now() - interval '25 hours' where version_id = $1", [id]);
    await worker().schedule();
    await worker().schedule();
    expect(await open()).toEqual([{ cause: "schedule" }]);
  });
});
