import { Controller, Get } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Cluster, type Page, pageOf } from "@ziggurat/contracts";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { ClustersRepository } from "./clusters.repository.js";

@ApiTags("clusters")
@Controller("api/v1/clusters")
export class ClustersController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clusters: ClustersRepository,
  ) {}

  /** Clusters belong to everyone. How full they are is counted over what the viewer may see: the rest would tell when a neighbour trains. */
  @Get()
  @RequireScope("clusters:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Cluster) })
  async list(@CurrentViewer() viewer: Viewer): Promise<Page<Cluster>> {
    return { data: await this.unitOfWork.run(viewer, (tx) => this.clusters.list(tx)), nextCursor: null };
  }
}
