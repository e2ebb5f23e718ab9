import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CreateRecall,
  LiftRecall,
  type Page,
  PageQuery,
  pageOf,
  Recall,
  RecalledVersion,
  RecallId,
  RecallPreview,
  RecallSubject,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { RecallPreviews } from "./recall-previews.service.js";
import { RecallViews } from "./recall-views.service.js";
import { Recalls } from "./recalls.service.js";

const RecallPath = z.strictObject({ id: RecallId });
type RecallPath = z.infer<typeof RecallPath>;

@ApiTags("recalls")
@Controller("api/v1/recalls")
export class RecallsController {
  constructor(
    private readonly recalls: Recalls,
    private readonly previews: RecallPreviews,
    private readonly views: RecallViews,
  ) {}

  @Post("preview")
  @HttpCode(200)
  @RequireScope("models:write", "models:withdraw")
  @ApiResponse({ status: 200, standardSchema: RecallPreview })
  preview(@CurrentViewer() viewer: Viewer, @Body({ schema: RecallSubject }) body: RecallSubject): Promise<RecallPreview> {
    return this.previews.preview(viewer, body);
  }

  @Post()
  @RequireScope("models:write", "models:withdraw")
  @ApiResponse({ status: 201, standardSchema: Recall })
  execute(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateRecall }) body: CreateRecall): Promise<Recall> {
    return this.recalls.execute(viewer, body);
  }

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Recall) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Recall>> {
    return this.views.list(viewer, query);
  }

  @Get(":id")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Recall })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: RecallPath }) path: RecallPath): Promise<Recall> {
    return this.views.get(viewer, path.id);
  }

  @Get(":id/versions")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(RecalledVersion) })
  versions(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RecallPath }) path: RecallPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<RecalledVersion>> {
    return this.views.versions(viewer, path.id, query);
  }

  @Post(":id/lift")
  @HttpCode(200)
  @RequireScope("models:write", "models:withdraw", "models:release")
  @ApiResponse({ status: 200, standardSchema: Recall })
  lift(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RecallPath }) path: RecallPath,
    @Body({ schema: LiftRecall }) body: LiftRecall,
  ): Promise<Recall> {
    return this.recalls.lift(viewer, path.id, body);
  }
}
