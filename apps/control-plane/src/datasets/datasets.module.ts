import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { DatasetVersions } from "./dataset-versions.service.js";
import { DatasetsController } from "./datasets.controller.js";
import { DatasetsRepository } from "./datasets.repository.js";
import { Datasets } from "./datasets.service.js";

/** Datasets, their versions, and the check that every row passes before a version exists. */
@Module({
  imports: [RegistryModule],
  controllers: [DatasetsController],
  providers: [Datasets, DatasetVersions, DatasetsRepository],
})
export class DatasetsModule {}
