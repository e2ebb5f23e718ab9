import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startPlatform, type TestPlatform } from "../../test/harness.js";
import { aCheckpoint, askImport, bytesOf, ended, hasFiles, imports, versionsOf } from "../../test/import-fixtures.js";
import { aPyramid, register } from "../../test/registry-fixtures.js";
import { type S3StandIn, s3StandIn } from "../../test/s3-stand-in.js";
import { Outgoing } from "../platform/outgoing/outgoing.js";
import { S3Source } from "./sources/s3-source.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let store: S3StandIn;
let client: S3Client;
let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let made = 0;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test-secret-of-the-environment");
  // The application only reads where the stand-in is; the interpreter is the one of the trainer's tests.
  const probe = await startPlatform();
  store = await s3StandIn(probe.config.local.python);
  await probe.close();
  client = new S3Client({ endpoint: store.url, forcePathStyle: true, region: "us-east-1" });
  for (const Bucket of ["models", "versioned", "closed"]) await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutBucketVersioningCommand({ Bucket: "versioned", VersioningConfiguration: { Status: "Enabled" } }));
  platform = await startPlatform({
    role: "all",
    env: { ZIGGURAT_IMPORT_BUCKETS: "models, versioned, nowhere", ZIGGURAT_IMPORT_ENDPOINTS: store.url },
  });
  people = await aPyramid(platform);
});
afterAll(async () => {
  await platform?.close();
  client?.destroy();
  await store?.stop();
  vi.unstubAllEnvs();
});

async function put(Bucket: string, prefix: string, files: Readonly<Record<string, Buffer>>): Promise<void> {
  for (const [path, Body] of Object.entries(files)) {
    await client.send(
      new PutObjectCommand({ Bucket, Key: `${prefix}${path}`, Body, ...(path === "config.json" ? { ChecksumAlgorithm: "SHA256" } : {}) }),
    );
  }
}
const from = (bucket: string, prefix: string) => ({ kind: "s3", bucket, prefix, endpoint: store.url, region: "us-east-1" }) as const;
async function aLine(): Promise<string> {
  return (await register(people.engineer, { tier: "foundation", slug: `bucket-${++made}` })).body.ref;
}
const signal = new AbortController().signal;
const outgoing = new Outgoing({ openNetworks: [] });
const placed = (bucket: string, prefix: string) => new S3Source(from(bucket, prefix), outgoing.nodeAgents("listed", store.url));

describe("an import from an object store", () => {
  it("brings every object below the prefix, and nothing beside it", async () => {
    const files = aCheckpoint(60_000, "s3");
    await put("models", "llama/one/", files);
    await put("models", "llama/one-more/", { "other.txt": Buffer.from("no") });
    await put("models", "llama/one/folder/", { "": Buffer.alloc(0) });
    for (const prefix of ["llama/one", "llama/one/"]) {
      const done = await imports(people.engineer, { model: await aLine(), source: from("models", prefix) });
      expect(done.failure).toBeNull();
      await hasFiles(people.engineer, done.version, files);
    }
  });

  it("knows the digest an object was stored with, and begins in the middle", async () => {
    const bytes = bytesOf(300_000, 9);
    await put("models", "range/", { "config.json": bytes });
    const source = placed("models", "range");
    const { files } = await source.resolve(null, signal);
    expect(files).toMatchObject([{ path: "config.json", sizeBytes: 300_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    const [file] = files;
    if (file === undefined) throw new Error("no file");
    const { from: start, stream } = await source.open(file, 250_000, "", signal);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(Buffer.from(chunk));
    expect([start, Buffer.concat(chunks).equals(bytes.subarray(250_000))]).toEqual([250_000, true]);
  });

  it("keeps to the listed version of an object in a versioned bucket", async () => {
    const old = bytesOf(1000, 1);
    await put("versioned", "kept/", { a: old });
    const source = placed("versioned", "kept");
    const [file] = (await source.resolve(null, signal)).files;
    if (file === undefined) throw new Error("no file");
    await put("versioned", "kept/", { a: bytesOf(1000, 2) });
    const chunks: Buffer[] = [];
    for await (const chunk of (await source.open(file, 0, "", signal)).stream) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(old)).toBe(true);
  });

  it("refuses an object that was overwritten meanwhile", async () => {
    await put("models", "changes/", { a: bytesOf(1000, 1) });
    const source = placed("models", "changes");
    const [file] = (await source.resolve(null, signal)).files;
    if (file === undefined) throw new Error("no file");
    await put("models", "changes/", { a: bytesOf(1000, 2) });
    await expect(source.open(file, 0, "", signal)).rejects.toMatchObject({ code: "changed" });
  });
});

describe("refused", () => {
  it("is a bucket that is not there, in the store's own words, and a prefix with nothing below it", async () => {
    const model = await aLine();
    expect((await imports(people.engineer, { model, source: from("nowhere", "x") })).failure).toMatchObject({
      code: "not_found",
      detail: expect.stringContaining("NoSuchBucket"),
    });
    expect((await imports(people.engineer, { model, source: from("models", "nothing") })).failure).toMatchObject({
      code: "rule",
      violations: [{ code: "files_required" }],
    });
    expect(await versionsOf(platform, model)).toEqual([]);
  });

  it("is a key that escapes", async () => {
    await put("models", "escape/", { ...aCheckpoint(10, "e"), "../../../etc/passwd": Buffer.from("x") });
    const { failure } = await imports(people.engineer, { model: await aLine(), source: from("models", "escape") });
    expect(failure).toMatchObject({ code: "rule", violations: [{ code: "path_escapes" }] });
  });

  it("is a bucket or a store that the operator did not open, and another institution's part of an open one", async () => {
    const ask = (who: typeof people.admin, model: string, source: ReturnType<typeof from>) => askImport(who, { model, source });
    const pointers = async (answer: ReturnType<typeof ask>) =>
      (await answer).body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(await pointers(ask(people.engineer, "foundation/base", from("closed", "x")))).toEqual(["/source/bucket"]);
    expect(await pointers(ask(people.engineer, "foundation/base", { ...from("models", "x"), endpoint: "http://127.0.0.1:1" }))).toEqual([
      "/source/endpoint",
    ]);
    for (const prefix of ["", "llama/one", "southbank/x", "northbank-not/x", "northbank/../southbank"]) {
      expect(await pointers(ask(people.admin, "northbank/cards", from("models", prefix)))).toEqual(["/source/prefix"]);
    }
    const files = aCheckpoint(10, "own");
    await put("models", "northbank/cards/", files);
    const { id } = (await ask(people.admin, "northbank/cards", from("models", "northbank/cards"))).body;
    const done = await ended(people.admin, id);
    await hasFiles(people.admin, done.version, files);
    expect(JSON.stringify((await people.admin.get(paths.import(id))).body)).not.toContain("test-secret");
  });
});
