import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { AskLift, CreateHold, Hold, HoldId, ListHolds, type Page, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Holds } from "./holds.service.js";

const HoldPath = z.strictObject({ id: HoldId });
type HoldPath = z.infer<typeof HoldPath>;

@ApiTags("holds")
@Controller("api/v1/holds")
export class HoldsController {
  constructor(private readonly holds: Holds) {}

  @Get()
  @RequireScope("audit:read", "holds:write")
  @ApiResponse({ status: 200, standardSchema: pageOf(Hold) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListHolds }) query: ListHolds): Promise<Page<Hold>> {
    return this.holds.list(viewer, query);
  }

  @Post()
  @RequireScope("holds:write")
  @ApiResponse({ status: 201, standardSchema: Hold })
  set(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateHold }) body: CreateHold): Promise<Hold> {
    return this.holds.set(viewer, body);
  }

  @Get(":id")
  @RequireScope("audit:read", "holds:write")
  @ApiResponse({ status: 200, standardSchema: Hold })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: HoldPath }) path: HoldPath): Promise<Hold> {
    return this.holds.get(viewer, path.id);
  }

  @Post(":id/lift")
  @HttpCode(200)
  @RequireScope("holds:write")
  @ApiResponse({ status: 200, standardSchema: Hold })
  askLift(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: HoldPath }) path: HoldPath,
    @Body({ schema: AskLift }) body: AskLift,
  ): Promise<Hold> {
    return this.holds.askLift(viewer, path.id, body);
  }

  @Delete(":id/lift")
  @RequireScope("holds:write")
  @ApiResponse({ status: 200, standardSchema: Hold })
  withdrawLift(@CurrentViewer() viewer: Viewer, @Param({ schema: HoldPath }) path: HoldPath): Promise<Hold> {
    return this.holds.withdrawLift(viewer, path.id);
  }

  @Post(":id/lift/confirm")
  @HttpCode(200)
  @RequireScope("holds:write")
  @ApiResponse({ status: 200, standardSchema: Hold })
  confirmLift(@CurrentViewer() viewer: Viewer, @Param({ schema: HoldPath }) path: HoldPath): Promise<Hold> {
    return this.holds.confirmLift(viewer, path.id);
  }
}
