import { Module } from "@nestjs/common";
import { CarryOutPurge } from "./carry-out-purge.service.js";
import { PurgeFactsRepository } from "./purge-facts.repository.js";
import { PurgesController } from "./purges.controller.js";
import { PurgesRepository } from "./purges.repository.js";
import { Purges } from "./purges.service.js";

/** Purges: the files of what nothing needs any more go for good, everything that is known about them stays. */
@Module({
  controllers: [PurgesController],
  providers: [CarryOutPurge, PurgeFactsRepository, Purges, PurgesRepository],
  exports: [CarryOutPurge, PurgeFactsRepository, PurgesRepository],
})
export class PurgesModule {}
