import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { LineageExportsController } from "./exports/exports.controller.js";
import { LineageExports } from "./exports/exports.service.js";
import { ProvenanceRepository } from "./exports/provenance.repository.js";
import { ExternalRunsController } from "./external/external-runs.controller.js";
import { ExternalRunsRepository } from "./external/external-runs.repository.js";
import { ExternalRuns } from "./external/external-runs.service.js";
import { LineageController } from "./lineage.controller.js";
import { LineageRepository } from "./lineage.repository.js";
import { LineageService } from "./lineage.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";

/** The reading half of lineage: the graph around a version, the whole pyramid at once, exports, and what programs outside declare. */
@Module({
  imports: [RegistryModule],
  controllers: [LineageController, LineageExportsController, ExternalRunsController],
  providers: [
    LineageService,
    LineageRepository,
    PyramidOverview,
    LineageExports,
    ProvenanceRepository,
    ExternalRuns,
    ExternalRunsRepository,
  ],
})
export class LineageModule {}
