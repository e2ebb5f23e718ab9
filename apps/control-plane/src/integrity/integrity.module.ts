import { Module } from "@nestjs/common";
import { NoticesModule } from "../notices/notices.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { IntegrityLoop } from "./integrity-loop.js";
import { SealBaselines } from "./seal-baselines.service.js";
import { VerificationsController } from "./verifications.controller.js";
import { VerificationsRepository } from "./verifications.repository.js";
import { Verifications } from "./verifications.service.js";
import { VerifyVersion } from "./verify-version.service.js";

/** Whether stored bytes and rows are still what was sealed, on demand and by the calendar. */
@Module({
  imports: [RegistryModule, NoticesModule],
  controllers: [VerificationsController],
  providers: [IntegrityLoop, SealBaselines, Verifications, VerificationsRepository, VerifyVersion],
})
export class IntegrityModule {}
