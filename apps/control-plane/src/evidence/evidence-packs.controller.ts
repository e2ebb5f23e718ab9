import { Controller, Get, Param, Query, Res } from "@nestjs/common";
import { ApiProduces, ApiTags } from "@nestjs/swagger";
import { EVIDENCE_MEDIA_TYPE, EvidenceQuery, evidenceFileName, Slug } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { EvidencePacks } from "./evidence-packs.service.js";

const ModelPath = z.strictObject({ namespace: Slug, slug: Slug });

@ApiTags("evidence")
@Controller("api/v1/models/:namespace/:slug/evidence-pack")
export class EvidencePacksController {
  constructor(private readonly packs: EvidencePacks) {}

  /** A tar archive, written while it is read from the database. The same question is the same bytes, whenever and by whomever it is asked. */
  @Get()
  @RequireScope("audit:read")
  @ApiProduces(EVIDENCE_MEDIA_TYPE)
  async get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: z.infer<typeof ModelPath>,
    @Query({ schema: EvidenceQuery }) query: EvidenceQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pack = await this.packs.open(viewer, path, query);
    return reply
      .type(EVIDENCE_MEDIA_TYPE)
      .headers({
        "content-disposition": `attachment; filename="${evidenceFileName(`${path.namespace}/${path.slug}`, query)}"`,
        "cache-control": "no-store",
      })
      .send(pack);
  }
}
