import { Module } from "@nestjs/common";
import { AuditController } from "./audit.controller.js";
import { AuditRepository } from "./audit.repository.js";
import { AuditService } from "./audit.service.js";
import { AuditSealer } from "./audit-sealer.js";
import { HeadFile } from "./head-file.js";
import { SealLoop } from "./seal-loop.js";

@Module({
  controllers: [AuditController],
  providers: [AuditRepository, AuditSealer, AuditService, HeadFile, SealLoop],
  exports: [AuditSealer],
})
export class AuditModule {}
