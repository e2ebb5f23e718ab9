import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Lineage, LineageQuery, Pyramid, Slug } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { LineageService } from "./lineage.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";

export const LineagePath = z.strictObject({ namespace: Slug, slug: Slug, number: z.coerce.number().int().min(1).max(999_999_999) });

@ApiTags("lineage")
@Controller("api/v1")
export class LineageController {
  constructor(
    private readonly lineage: LineageService,
    private readonly overview: PyramidOverview,
  ) {}

  @Get("lineage/:namespace/:slug/:number")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Lineage })
  get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePath }) path: z.infer<typeof LineagePath>,
    @Query({ schema: LineageQuery }) query: LineageQuery,
  ): Promise<Lineage> {
    return this.lineage.get(viewer, path, query);
  }

  @Get("pyramid")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Pyramid })
  pyramid(@CurrentViewer() viewer: Viewer): Promise<Pyramid> {
    return this.overview.get(viewer);
  }
}
