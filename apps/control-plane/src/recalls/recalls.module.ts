import { Module } from "@nestjs/common";
import { EntitlementsModule } from "../entitlements/entitlements.module.js";
import { NoticesModule } from "../notices/notices.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { SeparationModule } from "../separation/separation.module.js";
import { TuningModule } from "../tuning/tuning.module.js";
import { RecallAdvance } from "./recall-advance.service.js";
import { RecallLoop } from "./recall-loop.js";
import { RecallPreviews } from "./recall-previews.service.js";
import { RecallReachRepository } from "./recall-reach.repository.js";
import { RecallSubjects } from "./recall-subjects.service.js";
import { RecallViews } from "./recall-views.service.js";
import { RecallsController } from "./recalls.controller.js";
import { RecallsRepository } from "./recalls.repository.js";
import { Recalls } from "./recalls.service.js";

/** Withdrawal of a version or of data with everything that stands on it, and its lifting. */
@Module({
  imports: [RegistryModule, TuningModule, NoticesModule, EntitlementsModule, SeparationModule],
  controllers: [RecallsController],
  providers: [RecallReachRepository, RecallAdvance, RecallLoop, RecallPreviews, RecallSubjects, RecallViews, Recalls, RecallsRepository],
})
export class RecallsModule {}
