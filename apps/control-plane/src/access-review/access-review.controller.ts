import { Controller, Delete, Get, Header, HttpCode, Param, Query } from "@nestjs/common";
import { ApiProduces, ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  AccessReviewQuery,
  ExportAccessReview,
  idOf,
  type Page,
  PersonAccess,
  pageOf,
  RunningWork,
  RunningWorkQuery,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { AccessReview } from "./access-review.service.js";
import { RunningWorks } from "./running-work.service.js";

const TokenPath = z.strictObject({ slug: Slug, userId: idOf("user"), id: idOf("token") });

@ApiTags("institutions")
@Controller("api/v1")
export class AccessReviewController {
  constructor(
    private readonly review: AccessReview,
    private readonly work: RunningWorks,
  ) {}

  @Get("access-review")
  @RequireScope("audit:read", "institutions:write")
  @ApiResponse({ status: 200, standardSchema: pageOf(PersonAccess) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: AccessReviewQuery }) query: AccessReviewQuery): Promise<Page<PersonAccess>> {
    return this.review.list(viewer, query);
  }

  @Get("access-review/work")
  @RequireScope("audit:read", "institutions:write")
  @ApiResponse({ status: 200, standardSchema: pageOf(RunningWork) })
  runningWork(@CurrentViewer() viewer: Viewer, @Query({ schema: RunningWorkQuery }) query: RunningWorkQuery): Promise<Page<RunningWork>> {
    return this.work.list(viewer, query);
  }

  @Get("access-review/export")
  @RequireScope("audit:read", "institutions:write")
  @Header("content-type", "text/csv; charset=utf-8")
  @Header("content-disposition", 'attachment; filename="access-review.csv"')
  @ApiProduces("text/csv")
  @ApiResponse({ status: 200, description: "One line per person and right (RFC 4180)." })
  export(@CurrentViewer() viewer: Viewer, @Query({ schema: ExportAccessReview }) query: ExportAccessReview): Promise<string> {
    return this.review.export(viewer, query);
  }

  @Delete("institutions/:slug/members/:userId/tokens/:id")
  @HttpCode(204)
  @RequireScope("institutions:write")
  revoke(@CurrentViewer() viewer: Viewer, @Param({ schema: TokenPath }) { slug, userId, id }: z.infer<typeof TokenPath>): Promise<void> {
    return this.review.revokeToken(viewer, slug, userId, id);
  }
}
