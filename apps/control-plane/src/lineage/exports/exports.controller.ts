import { Controller, Get, Param, Query, Res } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { EXPORT_FORMATS, ExportQuery, exportFileName } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import type { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { etagOfText } from "../../platform/http/etag.js";
import { LineagePlace } from "../lineage.controller.js";
import { LineageExports } from "./exports.service.js";

@ApiTags("lineage")
@Controller("api/v1/lineage/:namespace/:slug/:number/export")
export class LineageExportsController {
  constructor(private readonly exports: LineageExports) {}

  @Get()
  @RequireScope("lineage:read")
  @ApiOkResponse({
    description: "The ancestry in the format asked for",
    content: Object.fromEntries(Object.values(EXPORT_FORMATS).map(({ mediaType }) => [mediaType, {}])),
  })
  async get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: ExportQuery }) query: ExportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { ref, text } = await this.exports.write(viewer, path, query);
    reply.headers({
      "content-type": EXPORT_FORMATS[query.format].mediaType,
      "content-disposition": `attachment; filename="${exportFileName(ref, query.format)}"`,
      "cache-control": "private, no-cache",
      etag: etagOfText(text),
    });
    // Bytes, because text would be given a charset that these media types have not got.
    return Buffer.from(text);
  }
}
