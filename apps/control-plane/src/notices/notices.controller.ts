import { Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { idOf, ListNotices, Notice, type Page, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Notices } from "./notices.service.js";

const NoticePath = z.strictObject({ id: idOf("notice") });
type NoticePath = z.infer<typeof NoticePath>;

@ApiTags("notices")
@Controller("api/v1/notices")
export class NoticesController {
  constructor(private readonly notices: Notices) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Notice) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListNotices }) query: ListNotices): Promise<Page<Notice>> {
    return this.notices.list(viewer, query);
  }

  @Post(":id/seen")
  @HttpCode(200)
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Notice })
  see(@CurrentViewer() viewer: Viewer, @Param({ schema: NoticePath }) path: NoticePath): Promise<Notice> {
    return this.notices.see(viewer, path.id);
  }

  @Post(":id/acknowledge")
  @HttpCode(200)
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Notice })
  acknowledge(@CurrentViewer() viewer: Viewer, @Param({ schema: NoticePath }) path: NoticePath): Promise<Notice> {
    return this.notices.acknowledge(viewer, path.id);
  }
}
