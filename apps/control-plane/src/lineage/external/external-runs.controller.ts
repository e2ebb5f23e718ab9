import { Body, Controller, HttpCode, Post, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { BatchAnswer, LineageEventBatch, LineageEventBody, TakenEvent } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { ExternalRuns } from "./external-runs.service.js";

/** The receiving end of OpenLineage: clients come here when they are told the platform's address and nothing else. */
@ApiTags("lineage")
@Controller("api/v1/lineage")
@RequireScope("lineage:write")
export class ExternalRunsController {
  constructor(private readonly runs: ExternalRuns) {}

  @Post()
  @ApiResponse({ status: 201, standardSchema: TakenEvent })
  @ApiResponse({ status: 200, standardSchema: TakenEvent })
  async take(
    @CurrentViewer() viewer: Viewer,
    @Body({ schema: LineageEventBody }) body: LineageEventBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TakenEvent> {
    const taken = await this.runs.take(viewer, body);
    void reply.status(taken.known ? 200 : 201);
    return taken;
  }

  @Post("batch")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: BatchAnswer })
  takeAll(@CurrentViewer() viewer: Viewer, @Body({ schema: LineageEventBatch }) body: LineageEventBatch): Promise<BatchAnswer> {
    return this.runs.takeAll(viewer, body);
  }
}
