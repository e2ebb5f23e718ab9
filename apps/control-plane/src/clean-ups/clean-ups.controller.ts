import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CleanUp,
  CleanUpId,
  CleanUpItem,
  CleanUpPreview,
  CleanUpSubject,
  CreateCleanUp,
  ListCleanUps,
  type Page,
  pageOf,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { CleanUps } from "./clean-ups.service.js";

const CleanUpPath = z.strictObject({ id: CleanUpId });
type CleanUpPath = z.infer<typeof CleanUpPath>;

@ApiTags("clean-ups")
@Controller("api/v1/clean-ups")
export class CleanUpsController {
  constructor(private readonly cleanUps: CleanUps) {}

  @Post("preview")
  @HttpCode(200)
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: CleanUpPreview })
  preview(@CurrentViewer() viewer: Viewer, @Body({ schema: CleanUpSubject }) body: CleanUpSubject): Promise<CleanUpPreview> {
    return this.cleanUps.preview(viewer, body);
  }

  @Post()
  @RequireScope("models:write")
  @ApiResponse({ status: 201, standardSchema: CleanUp })
  execute(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateCleanUp }) body: CreateCleanUp): Promise<CleanUp> {
    return this.cleanUps.execute(viewer, body);
  }

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(CleanUp) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListCleanUps }) query: ListCleanUps): Promise<Page<CleanUp>> {
    return this.cleanUps.list(viewer, query);
  }

  @Get(":id")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: CleanUp })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: CleanUpPath }) path: CleanUpPath): Promise<CleanUp> {
    return this.cleanUps.get(viewer, path.id);
  }

  @Get(":id/versions")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(CleanUpItem) })
  versions(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: CleanUpPath }) path: CleanUpPath,
    @Query({ schema: ListCleanUps }) query: ListCleanUps,
  ): Promise<Page<CleanUpItem>> {
    return this.cleanUps.items(viewer, path.id, query);
  }
}
