import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { DatasetLineageService } from "./dataset-lineage.service.js";
import { DatasetReachRepository } from "./dataset-reach.repository.js";
import { LineageExportsController } from "./exports/exports.controller.js";
import { LineageExports } from "./exports/exports.service.js";
import { ProvenanceRepository } from "./exports/provenance.repository.js";
import { ExternalRunsController } from "./external/external-runs.controller.js";
import { ExternalRunsRepository } from "./external/external-runs.repository.js";
import { ExternalRuns } from "./external/external-runs.service.js";
import { LineageController } from "./lineage.controller.js";
import { LineageRepository } from "./lineage.repository.js";
import { LineageService } from "./lineage.service.js";
import { PathService } from "./path.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";
import { ReachRepository } from "./reach.repository.js";
import { ReachService } from "./reach.service.js";

/** The reading half of lineage: the graph around a version, the whole pyramid at once, exports, and what programs outside declare. */
@Module({
  imports: [RegistryModule],
  controllers: [LineageController, LineageExportsController, ExternalRunsController],
  providers: [
    LineageService,
    LineageRepository,
    ReachRepository,
    ReachService,
    PathService,
    DatasetLineageService,
    DatasetReachRepository,
    PyramidOverview,
    LineageExports,
    ProvenanceRepository,
    ExternalRuns,
    ExternalRunsRepository,
  ],
  exports: [ProvenanceRepository],
})
export class LineageModule {}
