import { Module } from "@nestjs/common";
import { PurgesModule } from "../purges/purges.module.js";
import { CleanUpAdvance } from "./clean-up-advance.service.js";
import { CleanUpLoop } from "./clean-up-loop.js";
import { CleanUpRulesController } from "./clean-up-rules.controller.js";
import { CleanUpRules } from "./clean-up-rules.service.js";
import { CleanUpsController } from "./clean-ups.controller.js";
import { CleanUpsRepository } from "./clean-ups.repository.js";
import { CleanUps } from "./clean-ups.service.js";
import { RulesRepository } from "./rules.repository.js";
import { SelectionRepository } from "./selection.repository.js";

/** Rules by tier, state and age for versions that nothing needs any more, and their carrying out in batches. */
@Module({
  imports: [PurgesModule],
  controllers: [CleanUpRulesController, CleanUpsController],
  providers: [CleanUpAdvance, CleanUpLoop, CleanUpRules, CleanUps, CleanUpsRepository, RulesRepository, SelectionRepository],
})
export class CleanUpsModule {}
