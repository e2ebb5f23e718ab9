import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { AbandonedRepository } from "./abandoned.repository.js";
import { CollectGarbageWork } from "./collect-garbage.service.js";
import { CollectionsRepository } from "./collections.repository.js";
import { GarbageController } from "./garbage.controller.js";
import { GarbageRepository } from "./garbage.repository.js";
import { GarbageCollections } from "./garbage.service.js";
import { GarbageLoop } from "./garbage-loop.js";

/** What lies in the store and nothing needs: looked at first, then removed in the background. */
@Module({
  imports: [RegistryModule],
  controllers: [GarbageController],
  providers: [AbandonedRepository, CollectGarbageWork, CollectionsRepository, GarbageCollections, GarbageLoop, GarbageRepository],
})
export class GarbageModule {}
