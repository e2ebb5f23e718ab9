import { Module } from "@nestjs/common";
import { AuditModule } from "../audit/audit.module.js";
import { NoticesModule } from "../notices/notices.module.js";
import { PurgesModule } from "../purges/purges.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { SeparationModule } from "../separation/separation.module.js";
import { ExportRowsRepository } from "./archive/export-rows.repository.js";
import { WriteExport } from "./archive/write-export.service.js";
import { EraseFiles } from "./erasure/erase-files.service.js";
import { ErasureRepository } from "./erasure/erasure.repository.js";
import { Erasure } from "./erasure/erasure.service.js";
import { ExitFactsRepository } from "./exit-facts.repository.js";
import { ErasureCertificatesController, ExitsController } from "./exits.controller.js";
import { ExitsRepository } from "./exits.repository.js";
import { Exits } from "./exits.service.js";
import { ExitsLoop } from "./exits-loop.js";
import { ExportsRepository } from "./exports.repository.js";
import { InstitutionExports } from "./exports.service.js";

/** How an institution leaves: with all that is its own, read only, and then erased up to the tombstones of its lineage. */
@Module({
  imports: [AuditModule, NoticesModule, PurgesModule, RegistryModule, SeparationModule],
  controllers: [ExitsController, ErasureCertificatesController],
  providers: [
    EraseFiles,
    Erasure,
    ErasureRepository,
    ExitFactsRepository,
    Exits,
    ExitsLoop,
    ExitsRepository,
    ExportRowsRepository,
    ExportsRepository,
    InstitutionExports,
    WriteExport,
  ],
})
export class ExitsModule {}
