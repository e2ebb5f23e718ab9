import { Module } from "@nestjs/common";
import { NoticesModule } from "../notices/notices.module.js";
import { EntitlementWarnings } from "./entitlement-warnings.js";
import { EntitlementsController, LineAccessController } from "./entitlements.controller.js";
import { EntitlementsRepository } from "./entitlements.repository.js";
import { Entitlements } from "./entitlements.service.js";

/** Who may use which shared line, and until when. */
@Module({
  imports: [NoticesModule],
  controllers: [EntitlementsController, LineAccessController],
  providers: [Entitlements, EntitlementsRepository, EntitlementWarnings],
  exports: [Entitlements],
})
export class EntitlementsModule {}
