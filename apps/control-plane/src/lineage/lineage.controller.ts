import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  DatasetLineage,
  DatasetLineageQuery,
  Impact,
  ImpactQuery,
  Lineage,
  LineageFilter,
  LineageGroups,
  LineageGroupsQuery,
  LineagePath,
  LineageQuery,
  PathQuery,
  Pyramid,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { DatasetLineageService } from "./dataset-lineage.service.js";
import { LineageService } from "./lineage.service.js";
import { PathService } from "./path.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";
import { ReachService } from "./reach.service.js";

export const LineagePlace = z.strictObject({ namespace: Slug, slug: Slug, number: z.coerce.number().int().min(1).max(999_999_999) });

@ApiTags("lineage")
@Controller("api/v1")
export class LineageController {
  constructor(
    private readonly lineage: LineageService,
    private readonly overview: PyramidOverview,
    private readonly reach: ReachService,
    private readonly paths: PathService,
    private readonly datasets: DatasetLineageService,
  ) {}

  @Get("lineage/:namespace/:slug/:number")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Lineage })
  get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: LineageQuery }) query: LineageQuery,
  ): Promise<Lineage> {
    return this.lineage.get(viewer, path, query);
  }

  @Get("lineage/:namespace/:slug/:number/groups")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: LineageGroups })
  groups(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: LineageGroupsQuery }) query: LineageGroupsQuery,
  ): Promise<LineageGroups> {
    return this.reach.groups(viewer, path, query);
  }

  @Get("lineage/:namespace/:slug/:number/impact")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Impact })
  impact(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: ImpactQuery }) query: ImpactQuery,
  ): Promise<Impact> {
    return this.reach.impact(viewer, path, query);
  }

  @Get("lineage/:namespace/:slug/:number/path")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: LineagePath })
  path(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: PathQuery }) { to }: PathQuery,
  ): Promise<LineagePath> {
    return this.paths.get(viewer, path, to);
  }

  @Get("lineage/datasets/:namespace/:slug/:number")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: DatasetLineage })
  ofDataset(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LineagePlace }) path: z.infer<typeof LineagePlace>,
    @Query({ schema: DatasetLineageQuery }) query: DatasetLineageQuery,
  ): Promise<DatasetLineage> {
    return this.datasets.get(viewer, path, query);
  }

  @Get("lineage/overview")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Pyramid })
  map(@CurrentViewer() viewer: Viewer, @Query({ schema: LineageFilter }) filter: LineageFilter): Promise<Pyramid> {
    return this.overview.get(viewer, filter);
  }

  @Get("pyramid")
  @RequireScope("lineage:read")
  @ApiResponse({ status: 200, standardSchema: Pyramid })
  pyramid(@CurrentViewer() viewer: Viewer): Promise<Pyramid> {
    return this.overview.get(viewer);
  }
}
