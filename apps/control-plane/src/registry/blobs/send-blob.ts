import type { FastifyReply, FastifyRequest } from "fastify";
import { matches } from "../../platform/http/etag.js";
import type { BlobStore } from "./blob-store.js";
import { downloadRange } from "./byte-ranges.js";

/** Streams a file that the viewer may read: whole, one range of it, or nothing when the reader has it. Its digest is its tag. */
export async function sendBlob(
  store: BlobStore,
  file: { readonly sha256: string; readonly size: number; readonly name?: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const etag = `"${file.sha256}"`;
  reply.headers({ etag, "accept-ranges": "bytes", "cache-control": "private, no-cache", "x-content-type-options": "nosniff" });
  if (matches(request.headers["if-none-match"] ?? "", etag)) return reply.status(304).send();
  if (file.name !== undefined) reply.header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
  const wanted = ifUnchanged(request, etag) ? request.headers.range : undefined;
  const range = downloadRange(wanted, file.size);
  if (range !== null) reply.status(206).header("content-range", `bytes ${range.first}-${range.last}/${file.size}`);
  const length = range === null ? file.size : range.last - range.first + 1;
  reply.type("application/octet-stream").header("content-length", String(length));
  return reply.send(length === 0 ? "" : store.read(file.sha256, range ?? undefined));
}

function ifUnchanged(request: FastifyRequest, etag: string): boolean {
  const condition = request.headers["if-range"];
  return condition === undefined || condition === etag;
}
