import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { LineageController } from "./lineage.controller.js";
import { LineageRepository } from "./lineage.repository.js";
import { LineageService } from "./lineage.service.js";
import { PyramidOverview } from "./pyramid-overview.service.js";
import { ReachRepository } from "./reach.repository.js";

/** The reading half of lineage: the graph around a version, and the whole pyramid at once. */
@Module({
  imports: [RegistryModule],
  controllers: [LineageController],
  providers: [LineageService, LineageRepository, ReachRepository, PyramidOverview],
})
export class LineageModule {}
