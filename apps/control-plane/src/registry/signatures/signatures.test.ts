import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { paths, type VersionFile } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { modelSign, modelSigning, verifyModel } from "../../../test/reference.js";
import { aPyramid, aSafetensors, dataset, move, score, sealed, versionId } from "../../../test/registry-fixtures.js";

// Each check starts a program of its own, and the reference implementation takes its time to start.
vi.setConfig({ testTimeout: 60_000 });

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let release: string;
let scratch: string;
const place = { folder: "", signature: "", key: "" };
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  const heldOut = await dataset(people.engineer, "foundation/held-out", '{"text":"general words"}\n');
  release = await sealed(people.engineer, "foundation/base", {
    files: {
      "model.safetensors": aSafetensors(),
      "config.json": "{}",
      "notes/\u{1F4C8}.txt": "above U+FFFF",
      "notes/\uFF5E.txt": "below it",
      ".gitattributes": "left out",
      "empty.txt": "",
    },
  });
  await score(platform, release, heldOut, { perplexity: 12 });
  await move(people.engineer, release, "in_review");
  const answer = await move(people.releaser, release, "released");
  if (answer.status !== 200) throw new Error(answer.text);
});
afterAll(() => platform.close());

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), "ziggurat-signed-"));
  place.folder = join(scratch, "under-another-name");
  place.signature = join(place.folder, "model.sig");
  place.key = join(scratch, "key.pem");
  await download(people.admin, release, place.folder);
  writeFileSync(place.signature, (await people.admin.get(paths.signature(release))).text);
  writeFileSync(place.key, (await send(platform.url, "GET", paths.signingKey())).text);
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

async function download(client: Client, ref: string, folder: string): Promise<void> {
  const files: VersionFile[] = (await client.get(paths.versionFiles(ref))).body.data;
  for (const { path } of files) {
    const response = await fetch(client.url + paths.versionFile(ref, path), { headers: client.headers });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), Buffer.from(await response.arrayBuffer()));
  }
}
const ours = () => verifyModel(place.folder, "--signature", place.signature, "--key", place.key);
const theirs = () => modelSigning(place.folder, place.signature, place.key);

describe("a downloaded release", () => {
  it("verifies offline, by our command and by the reference implementation", async () => {
    const { rootDigest } = (await people.admin.get(paths.version(release))).body;
    expect(await theirs()).toMatchObject({ code: 0, out: expect.stringContaining("Verification succeeded") });
    expect(await ours()).toMatchObject({ code: 0, out: `VERIFIED: base, 5 files, root digest ${rootDigest}\n`, err: "" });
  });

  it("names the altered file after one byte is flipped", async () => {
    const bytes = aSafetensors();
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(join(place.folder, "model.safetensors"), bytes);
    expect(await ours()).toMatchObject({ code: 1, out: "", err: expect.stringContaining("altered: model.safetensors ") });
    expect(await theirs()).toMatchObject({ code: 1, err: expect.stringMatching(/Hash mismatch for \\'model.safetensors/) });
  });

  it("names the missing and the extra file, the first in order of path", async () => {
    renameSync(join(place.folder, "config.json"), join(place.folder, "zconfig.json"));
    expect(await ours()).toMatchObject({ code: 1, err: expect.stringContaining("missing: config.json ") });
    renameSync(join(place.folder, "zconfig.json"), join(place.folder, "config.json"));
    writeFileSync(join(place.folder, "notes", "extra.py"), "import os");
    expect(await ours()).toMatchObject({ code: 1, err: expect.stringContaining("extra: notes/extra.py ") });
    expect((await theirs()).code).toBe(1);
  });

  it("does not follow a link to a file that would have the right bytes", async () => {
    renameSync(join(place.folder, "config.json"), join(scratch, "elsewhere.json"));
    symlinkSync(join(scratch, "elsewhere.json"), join(place.folder, "config.json"));
    expect(await ours()).toMatchObject({ code: 1, err: expect.stringContaining("altered: config.json is not a regular file") });
  });

  it("is refused with another key, also when the signature claims to be that key's", async () => {
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" });
    writeFileSync(place.key, other);
    expect(await ours()).toMatchObject({ code: 1, err: expect.stringContaining("wrong key") });
    expect((await theirs()).code).toBe(1);
  });

  it("is refused with a signature whose list was changed", async () => {
    const bundle = JSON.parse((await people.admin.get(paths.signature(release))).text);
    const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64").toString("utf8").replace("config.json", "config.jsom");
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString("base64");
    writeFileSync(place.signature, JSON.stringify(bundle));
    expect(await ours()).toMatchObject({ code: 1, err: expect.stringContaining("altered signature") });
  });
});

describe("a folder that the reference implementation signed", () => {
  it.each(["P-256", "P-384", "P-521"])(
    "verifies by our command too, with a key on %s, and not once a file is altered",
    async (namedCurve) => {
      const folder = join(scratch, "signed-elsewhere");
      for (const [path, text] of [
        ["a.b", "a dot sorts before a slash"],
        ["a/b", "and part by part after it"],
        [".gitignore", "left out"],
      ] as const) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const pair = generateKeyPairSync("ec", { namedCurve });
      writeFileSync(join(scratch, "private.pem"), pair.privateKey.export({ type: "pkcs8", format: "pem" }));
      writeFileSync(place.key, pair.publicKey.export({ type: "spki", format: "pem" }));
      const signature = join(scratch, "detached.sig");
      expect(await modelSign(folder, signature, join(scratch, "private.pem"))).toMatchObject({ code: 0 });
      const check = () => verifyModel(folder, "--signature", signature, "--key", place.key);
      expect(await check()).toMatchObject({ code: 0, out: expect.stringContaining("2 files") });
      writeFileSync(join(folder, "a.b"), "another text");
      expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining("altered: a.b ") });
    },
  );
});

describe("the signature of a release", () => {
  it("is there once released, not before, and only for those who see the version", async () => {
    const draft = await sealed(people.engineer, "foundation/base");
    expect((await people.engineer.get(paths.signature(draft))).status).toBe(404);
    const answer = await people.stranger.get(paths.signature(release));
    expect([answer.status, answer.headers.get("content-type"), answer.headers.get("content-disposition")]).toEqual([
      200,
      "application/vnd.dev.sigstore.bundle.v0.3+json",
      'attachment; filename="model.sig"',
    ]);
    await asSystem(
      platform,
      `insert into version_signatures (version_id, key_id, institution_id, root_digest, bundle)
       select c.id, s.key_id, c.institution_id, s.root_digest, '{"of":"northbank"}' from version_signatures s, versions c where c.id = $1`,
      [await versionId(platform, await taskVersion())],
    );
    expect((await people.stranger.get(paths.signature("northbank/cards@1"))).status).toBe(404);
    expect((await people.member.get(paths.signature("northbank/cards@1"))).body).toEqual({ of: "northbank" });
    expect((await send(platform.url, "GET", paths.signature(release))).status).toBe(401);
  });

  const taskVersion = () =>
    sealed(people.admin, "northbank/cards", { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] });

  it("stands in the audit entry of the release, and cannot be changed", async () => {
    const [row] = await asSystem<{ key_id: string; root_digest: string }>(
      platform,
      "select key_id, root_digest from version_signatures where version_id = $1",
      [await versionId(platform, release)],
    );
    expect(row?.root_digest).toBe((await people.admin.get(paths.version(release))).body.rootDigest);
    expect((await send(platform.url, "GET", paths.signingKey(row?.key_id))).text).toContain("BEGIN PUBLIC KEY");
    expect((await send(platform.url, "GET", paths.signingKey("0".repeat(64)))).status).toBe(404);
    await expect(asSystem(platform, "update version_signatures set bundle = ''")).rejects.toThrow("append-only");
  });
});

describe("an operator's own key", () => {
  it("signs instead of the platform's, and what was signed before still verifies by the key it names", async () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const file = join(scratch, "own.pem");
    writeFileSync(file, pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    const second = await startPlatform({ database: platform.database, env: { ZIGGURAT_SIGNING_KEY: file, ...sameBlobs() } });
    try {
      const present = (await send(second.url, "GET", paths.signingKey())).text;
      expect(present).toBe(pair.publicKey.export({ type: "spki", format: "pem" }));
      const { verificationMaterial } = JSON.parse((await people.admin.get(paths.signature(release))).text);
      writeFileSync(place.key, (await send(second.url, "GET", paths.signingKey(verificationMaterial.publicKey.hint))).text);
      expect((await ours()).code).toBe(0);
    } finally {
      await second.close();
    }
  });

  it("is refused at the start, in words, when it is not there or of another kind", async () => {
    const rsa = join(scratch, "rsa.pem");
    writeFileSync(rsa, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }));
    const start = (file: string) => startPlatform({ database: platform.database, env: { ZIGGURAT_SIGNING_KEY: file, ...sameBlobs() } });
    await expect(start(rsa)).rejects.toThrow("is not an EC P-256 key");
    await expect(start(join(scratch, "nowhere.pem"))).rejects.toThrow("cannot be read");
  });

  const sameBlobs = () => ({ BLOB_URL: `file://${platform.config.blobs.directory}` });
});
