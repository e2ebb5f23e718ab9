import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Superseded } from "./blob-store.js";
import { DirectoryBlobStore } from "./directory-blob-store.js";

const BYTES = Buffer.from("the weights that were checked");
const SHA256 = createHash("sha256").update(BYTES).digest("hex");

let folder = "";
let store: DirectoryBlobStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ziggurat-blobs-"));
  store = new DirectoryBlobStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const put = (bytes: Uint8Array, start = 0) => store.append("ins_a", SHA256, start, bytes.length, Readable.from([bytes]));
const stored = () => readFile(join(folder, SHA256.slice(0, 2), SHA256.slice(2, 4), SHA256));

it("settles an upload that two requests finish at once, for both", async () => {
  const { mark } = await put(BYTES);
  await Promise.all([store.settle("ins_a", SHA256, SHA256, mark), store.settle("ins_a", SHA256, SHA256, mark)]);
  expect(await stored()).toEqual(BYTES);
});

it("never makes a blob of bytes that came after those which were checked", async () => {
  const { mark } = await put(BYTES);
  await put(Buffer.from("other bytes of just that size"));
  await expect(store.settle("ins_a", SHA256, SHA256, mark)).rejects.toThrow(Superseded);
  expect(await store.sizeOf(SHA256)).toBeNull();
  // What the later request brought is still there for it to go on with.
  expect(await store.offsetOf("ins_a", SHA256)).toBe(29);
});

it("refuses to settle what is not there", async () => {
  await expect(store.settle("ins_a", SHA256, SHA256, null)).rejects.toThrow(Superseded);
});
