import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { DIGEST } from "../test/builders.js";
import { problem, server } from "../test/server.js";
import { uploadBlob } from "./upload.js";
import { type FileUpload, reduceUploads, shareOf } from "./upload-state.js";

const PART = 4 * 1024 * 1024;
const signal = new AbortController().signal;

/** A blob store that holds `held` bytes, and the ranges it was sent. */
function storeHolding(held: number, size: number) {
  const ranges: (string | null)[] = [];
  let offset = held;
  server.use(
    http.head("/api/v1/blobs/:sha", () =>
      offset === 0
        ? problem("hidden")
        : new HttpResponse(null, { status: offset === size ? 200 : 204, headers: { "upload-offset": String(offset) } }),
    ),
    http.put("/api/v1/blobs/:sha", ({ request }) => {
      const range = request.headers.get("content-range");
      ranges.push(range);
      offset = Number(/-(\d+)\//.exec(range ?? "")?.[1] ?? -1) + 1;
      return HttpResponse.json({ sha256: DIGEST, sizeBytes: offset }, { status: 201 });
    }),
  );
  return ranges;
}

it("sends a file in parts that join without a gap", async () => {
  const size = PART + 10;
  const ranges = storeHolding(0, size);
  const sent: number[] = [];
  await uploadBlob(new Blob([new Uint8Array(size)]), DIGEST, (bytes) => sent.push(bytes), signal);
  expect(ranges).toEqual([`bytes 0-${PART - 1}/${size}`, `bytes ${PART}-${size - 1}/${size}`]);
  expect(sent).toEqual([0, PART, size]);
});

it("goes on where an earlier upload stopped, and sends nothing the store already has", async () => {
  const ranges = storeHolding(7, 10);
  await uploadBlob(new Blob([new Uint8Array(10)]), DIGEST, () => undefined, signal);
  expect(ranges).toEqual(["bytes 7-9/10"]);
  const none = storeHolding(10, 10);
  await uploadBlob(new Blob([new Uint8Array(10)]), DIGEST, () => undefined, signal);
  expect(none).toEqual([]);
});

it("tells a refusal of the bytes and does not try for ever", async () => {
  server.use(
    http.head("/api/v1/blobs/:sha", () => problem("hidden")),
    http.put("/api/v1/blobs/:sha", () => problem("digest_mismatch")),
  );
  await expect(uploadBlob(new Blob(["x"]), DIGEST, () => undefined, signal)).rejects.toMatchObject({ code: "digest_mismatch" });
});

const anUpload = (over: Partial<FileUpload> = {}): FileUpload => ({
  id: "1",
  path: "model.safetensors",
  sizeBytes: 100,
  phase: "waiting",
  doneBytes: 0,
  sha256: null,
  error: null,
  ...over,
});

it("a file chosen again under the same path replaces the one before", () => {
  const uploads = reduceUploads([anUpload()], { type: "added", uploads: [anUpload({ id: "2" })] });
  expect(uploads.map(({ id }) => id)).toEqual(["2"]);
});

it("progress never runs backwards from hashing through sending to done", () => {
  const way = [
    anUpload(),
    anUpload({ phase: "hashing", doneBytes: 50 }),
    anUpload({ phase: "hashing", doneBytes: 100 }),
    anUpload({ phase: "sending", doneBytes: 0 }),
    anUpload({ phase: "sending", doneBytes: 60 }),
    anUpload({ phase: "done", doneBytes: 100 }),
  ].map(shareOf);
  expect(way).toEqual([...way].sort((a, b) => a - b));
  expect(way.at(-1)).toBe(1);
});
