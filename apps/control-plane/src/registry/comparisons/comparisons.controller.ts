import { Controller, Get, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CompareQuery, Comparison } from "@ziggurat/contracts";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { Comparisons } from "./comparisons.service.js";

@ApiTags("versions")
@Controller("api/v1/comparisons")
export class ComparisonsController {
  constructor(private readonly comparisons: Comparisons) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Comparison })
  compare(@CurrentViewer() viewer: Viewer, @Query({ schema: CompareQuery }) { versions }: CompareQuery): Promise<Comparison> {
    return this.comparisons.compare(viewer, versions);
  }
}
