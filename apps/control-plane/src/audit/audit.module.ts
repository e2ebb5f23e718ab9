import { Module } from "@nestjs/common";
import { AuditController } from "./audit.controller.js";
import { AuditRepository } from "./audit.repository.js";
import { AuditService } from "./audit.service.js";
import { AuditSealer } from "./audit-sealer.js";
import { AuditExport } from "./export/audit-export.service.js";
import { AuditSlices } from "./export/audit-slices.service.js";
import { ExportLines } from "./export/export-lines.service.js";
import { HeadFile } from "./head-file.js";
import { GrowTree } from "./merkle/grow-tree.js";
import { SealLoop } from "./seal-loop.js";
import { VerificationLoop } from "./verifications/verification-loop.js";
import { VerificationsRepository } from "./verifications/verifications.repository.js";
import { Verifications } from "./verifications/verifications.service.js";
import { VerifyChain } from "./verify-chain.js";

@Module({
  controllers: [AuditController],
  providers: [
    AuditExport,
    AuditRepository,
    AuditSealer,
    AuditService,
    AuditSlices,
    ExportLines,
    GrowTree,
    HeadFile,
    SealLoop,
    VerificationLoop,
    Verifications,
    VerificationsRepository,
    VerifyChain,
  ],
  exports: [AuditExport, AuditSealer, AuditSlices],
})
export class AuditModule {}
