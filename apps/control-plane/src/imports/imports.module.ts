import { Module } from "@nestjs/common";
import { IdentityModule } from "../identity/identity.module.js";
import { QuotasModule } from "../quotas/quotas.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { ImportsController } from "./imports.controller.js";
import { ImportsRepository } from "./imports.repository.js";
import { Imports } from "./imports.service.js";
import { Sources } from "./sources/sources.js";
import { FinishImport } from "./transfer/finish.service.js";
import { ImportAdvance } from "./transfer/import-advance.js";
import { ImportReconciler } from "./transfer/import-reconciler.js";
import { Transfer } from "./transfer/transfer.service.js";

/** Checkpoints from outside: asked for over HTTP, transferred in the worker role, ending in a draft version. */
@Module({
  imports: [IdentityModule, QuotasModule, RegistryModule],
  controllers: [ImportsController],
  providers: [FinishImport, ImportAdvance, ImportReconciler, Imports, ImportsRepository, Sources, Transfer],
})
export class ImportsModule {}
