import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { DatasetLineageService } from "./dataset-lineage.service.js";
import { DatasetReachRepository } from "./dataset-reach.repository.js";
import { LineageController } from "./lineage.controller.js";
import { LineageRepository } from "./lineage.repository.js";
import { LineageService } from "./lineage.service.js";
import { PathService } from "./path.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";
import { ReachRepository } from "./reach.repository.js";
import { ReachService } from "./reach.service.js";

/** The reading half of lineage: the graph around a version, and the whole pyramid at once. */
@Module({
  imports: [RegistryModule],
  controllers: [LineageController],
  providers: [
    LineageService,
    LineageRepository,
    ReachRepository,
    ReachService,
    PathService,
    DatasetLineageService,
    DatasetReachRepository,
    PyramidOverview,
  ],
})
export class LineageModule {}
