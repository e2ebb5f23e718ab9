import { Module } from "@nestjs/common";
import { AuditModule } from "../audit/audit.module.js";
import { LineageModule } from "../lineage/lineage.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { EvidenceRepository } from "./evidence.repository.js";
import { EvidenceFactsReader } from "./evidence-facts.service.js";
import { EvidencePacksController } from "./evidence-packs.controller.js";
import { EvidencePacks } from "./evidence-packs.service.js";

/** What stood behind a task at an instant that has passed, in one archive that proves itself without the platform. */
@Module({
  imports: [AuditModule, LineageModule, RegistryModule],
  controllers: [EvidencePacksController],
  providers: [EvidencePacks, EvidenceFactsReader, EvidenceRepository],
})
export class EvidenceModule {}
