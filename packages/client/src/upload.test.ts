import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { UPLOAD_COMPLETE_HEADER, UPLOAD_OFFSET_HEADER } from "@ziggurat/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Api } from "./api.js";
import { uploadBlob } from "./upload.js";

/** A blob door as docs/contract.md describes it, for one blob, beginning with `held` bytes. */
function blobDoor(total: number, held: Buffer): { server: Server; received: () => Buffer; parts: string[] } {
  let stored = held;
  const parts: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      response.setHeader("set-cookie", ["session=s; HttpOnly; Path=/"]);
      response.end(JSON.stringify({ csrfToken: "c" }));
    } else if (request.method === "HEAD") {
      response.statusCode = stored.length === 0 ? 404 : stored.length === total ? 200 : 204;
      response.setHeader(UPLOAD_OFFSET_HEADER, stored.length);
      response.setHeader(UPLOAD_COMPLETE_HEADER, stored.length === total ? "?1" : "?0");
      response.end();
    } else {
      parts.push(`${request.headers["content-range"]} ${request.headers.cookie} ${request.headers["x-csrf-token"]}`);
      stored = Buffer.concat([stored, await bodyOf(request)]);
      response.end();
    }
  });
  return { server, received: () => stored, parts };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

describe("uploading", () => {
  const bytes = new Uint8Array(2_500_000).map((_, index) => index % 251);
  let door: ReturnType<typeof blobDoor>;
  const open = async (held: number): Promise<Api> => {
    door = blobDoor(bytes.length, Buffer.from(bytes.subarray(0, held)));
    await new Promise<void>((resolve) => door.server.listen(0, "127.0.0.1", resolve));
    const address = door.server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return Api.signIn(`http://127.0.0.1:${address.port}`, "a@b.example", "secret");
  };
  beforeEach(() => {
    door = blobDoor(0, Buffer.alloc(0));
  });
  afterEach(() => {
    door.server.close();
    door.server.closeAllConnections();
  });

  it("sends every byte once, in parts, under the digest of the whole, as the signed-in person", async () => {
    const api = await open(0);
    const shown: number[] = [];
    const sha256 = await uploadBlob(api, bytes, (held) => shown.push(held));
    expect(sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(door.received().equals(Buffer.from(bytes))).toBe(true);
    expect(door.parts[0]).toBe("bytes 0-1048575/2500000 session=s c");
    expect(door.parts).toHaveLength(3);
    expect(shown.at(-1)).toBe(bytes.length);
  });

  it("goes on where an earlier upload stopped and sends nothing when all is there", async () => {
    const api = await open(1_000_000);
    await uploadBlob(api, bytes, () => undefined);
    expect(door.received().equals(Buffer.from(bytes))).toBe(true);
    expect(door.parts[0]).toContain("bytes 1000000-2048575/2500000");
    const sent = door.parts.length;
    await uploadBlob(api, bytes, () => undefined);
    expect(door.parts).toHaveLength(sent);
  });
});
