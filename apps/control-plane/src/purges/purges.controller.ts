import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CreatePurge, ListPurges, type Page, PurgeId, PurgePreview, PurgeSubject, pageOf, Tombstone } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Purges } from "./purges.service.js";

const PurgePath = z.strictObject({ id: PurgeId });
type PurgePath = z.infer<typeof PurgePath>;

@ApiTags("purges")
@Controller("api/v1/purges")
export class PurgesController {
  constructor(private readonly purges: Purges) {}

  @Post("preview")
  @HttpCode(200)
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: PurgePreview })
  preview(@CurrentViewer() viewer: Viewer, @Body({ schema: PurgeSubject }) body: PurgeSubject): Promise<PurgePreview> {
    return this.purges.preview(viewer, body);
  }

  @Post()
  @RequireScope("models:write")
  @ApiResponse({ status: 201, standardSchema: Tombstone })
  execute(@CurrentViewer() viewer: Viewer, @Body({ schema: CreatePurge }) body: CreatePurge): Promise<Tombstone> {
    return this.purges.execute(viewer, body);
  }

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Tombstone) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListPurges }) query: ListPurges): Promise<Page<Tombstone>> {
    return this.purges.list(viewer, query);
  }

  @Get(":id")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Tombstone })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: PurgePath }) path: PurgePath): Promise<Tombstone> {
    return this.purges.get(viewer, path.id);
  }
}
