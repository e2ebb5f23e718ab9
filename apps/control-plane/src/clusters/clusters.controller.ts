import { Controller, Get } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Cluster, type Page, pageOf } from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { ClustersRepository } from "./clusters.repository.js";

@ApiTags("clusters")
@Controller("api/v1/clusters")
export class ClustersController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clusters: ClustersRepository,
  ) {}

  /** Clusters belong to everyone; how full they are is counted over all institutions and names none of them. */
  @Get()
  @RequireScope("clusters:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Cluster) })
  async list(): Promise<Page<Cluster>> {
    const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "clusters");
    return { data: await this.unitOfWork.run(viewer, (tx) => this.clusters.list(tx)), nextCursor: null };
  }
}
