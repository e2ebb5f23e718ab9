import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../../../test/harness.js";
import { upload } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

/** The bytes as they came over the wire. */
function raw(path: string, encoding: string, more: Readonly<Record<string, string>> = {}, method = "GET", body?: Uint8Array) {
  const { hostname, port } = new URL(platform.url);
  const headers = { ...platform.admin.headers, "accept-encoding": encoding, ...more };
  return new Promise<{ status: number; headers: Record<string, string | string[] | undefined>; bytes: Buffer }>((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }));
    }).once("error", reject);
    call.end(body);
  });
}

describe("an answer", () => {
  it("is packed for whoever takes it so, and says the same", async () => {
    const plain = await raw("/openapi.json", "identity");
    const [br, gzip] = [await raw("/openapi.json", "br, gzip"), await raw("/openapi.json", "gzip")];
    expect([plain, br, gzip].map(({ headers }) => headers["content-encoding"])).toEqual([undefined, "br", "gzip"]);
    expect(brotliDecompressSync(br.bytes).equals(plain.bytes)).toBe(true);
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(br.bytes.length).toBeLessThan(plain.bytes.length / 4);
    expect(br.headers.vary).toContain("accept-encoding");
    const tag = { "if-none-match": String(br.headers.etag) };
    expect((await raw("/openapi.json", "br", tag)).status).toBe(304);
  });

  it("that is short, a file or full of secrets comes as it is", async () => {
    const sha256 = await upload(platform.admin, "the same words again and again, ".repeat(500));
    for (const path of [
      paths.institution("platform"),
      paths.blob(sha256),
      paths.me(),
      `${paths.tokens()}?limit=200`,
      paths.members("platform"),
    ]) {
      const { status, headers } = await raw(path, "br, gzip");
      expect([path, status, headers["content-encoding"]]).toEqual([path, 200, undefined]);
    }
  });

  it("is the answer to no packed request: what a small one holds has no end", async () => {
    const packed = Buffer.from("H4sIAAAAAAAAA6tWKs5JTC9WslJKVKoFAE8xZ8AOAAAA", "base64");
    const more = { "content-encoding": "gzip", "content-type": "application/json" };
    expect((await raw(paths.institutions(), "identity", more, "POST", packed)).status).toBe(400);
  });
});
