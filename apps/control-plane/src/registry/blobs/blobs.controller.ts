import { Readable } from "node:stream";
import { Controller, Get, Head, Inject, Param, Put, Req, Res } from "@nestjs/common";
import { ApiTags } from "@nestjs/swagger";
import { Sha256, UPLOAD_COMPLETE_HEADER, UPLOAD_OFFSET_HEADER } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { BLOB_STORE, type BlobStore } from "./blob-store.js";
import { Blobs, type UploadStatus } from "./blobs.service.js";
import { uploadPart } from "./byte-ranges.js";
import { sendBlob } from "./send-blob.js";

const BlobPath = z.strictObject({ sha256: Sha256 });
type BlobPath = z.infer<typeof BlobPath>;

@ApiTags("blobs")
@Controller("api/v1/blobs")
export class BlobsController {
  constructor(
    private readonly blobs: Blobs,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  @Head(":sha256")
  @RequireScope("models:read", "datasets:read")
  async head(@CurrentViewer() viewer: Viewer, @Param({ schema: BlobPath }) path: BlobPath, @Res() reply: FastifyReply): Promise<void> {
    await answerStatus(reply, await this.blobs.status(viewer, path.sha256));
  }

  @Get(":sha256")
  @RequireScope("models:read", "datasets:read")
  async get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: BlobPath }) path: BlobPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const size = await this.blobs.open(viewer, path.sha256);
    await sendBlob(this.store, { sha256: path.sha256, size }, request, reply);
  }

  @Put(":sha256")
  @RequireScope("models:write", "datasets:write")
  async put(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: BlobPath }) path: BlobPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const status = await this.blobs.receive(viewer, path.sha256, partOf(request), bytesOf(request));
    await answerUpload(reply, path.sha256, status);
  }
}

/** The part a request carries, by its headers. */
export function partOf(request: FastifyRequest) {
  const range = request.headers["content-range"];
  return uploadPart(Array.isArray(range) ? range[0] : range, request.headers["content-length"]);
}

/** The body of an upload, which arrives as a stream and is never held in memory. */
export function bytesOf(request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body;
  throw new Refusal("unsupported_media_type", "Send the bytes as application/octet-stream.");
}

/** `200` when all is there, `204` with the offset while parts are missing, `404` when nothing is, or nothing of yours. */
export async function answerStatus(reply: FastifyReply, { complete, offset }: UploadStatus): Promise<void> {
  const headers = { [UPLOAD_OFFSET_HEADER]: String(offset), [UPLOAD_COMPLETE_HEADER]: complete ? "?1" : "?0", "cache-control": "no-store" };
  if (!complete)
    return reply
      .status(offset === 0 ? 404 : 204)
      .headers(headers)
      .send();
  return reply
    .status(200)
    .headers({ ...headers, "content-length": String(offset), "accept-ranges": "bytes" })
    .send();
}

/** `201` when the last byte arrived and the digest held, `200` when it was there before, `204` when parts are missing. */
export async function answerUpload(
  reply: FastifyReply,
  sha256: string,
  status: UploadStatus & { readonly created: boolean },
): Promise<void> {
  const { complete, offset, created } = status;
  const headers = { [UPLOAD_OFFSET_HEADER]: String(offset), [UPLOAD_COMPLETE_HEADER]: complete ? "?1" : "?0" };
  if (!complete) return reply.status(204).headers(headers).send();
  return reply
    .status(created ? 201 : 200)
    .headers(headers)
    .send({ sha256, sizeBytes: offset });
}
