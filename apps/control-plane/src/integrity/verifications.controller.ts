import { Controller, Get, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { type Page, PageQuery, pageOf, Verification } from "@ziggurat/contracts";
import type { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { VersionPath } from "../registry/versions/versions.controller.js";
import { Verifications } from "./verifications.service.js";

@ApiTags("versions")
@Controller("api/v1/models/:namespace/:slug/versions/:number/verifications")
export class VerificationsController {
  constructor(private readonly verifications: Verifications) {}

  @Post()
  @RequireScope("models:read")
  @ApiResponse({ status: 201, standardSchema: Verification })
  ask(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: z.infer<typeof VersionPath>): Promise<Verification> {
    return this.verifications.ask(viewer, path);
  }

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Verification) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: z.infer<typeof VersionPath>,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Verification>> {
    return this.verifications.list(viewer, path, query);
  }
}
