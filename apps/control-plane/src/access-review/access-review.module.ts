import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { AccessReviewController } from "./access-review.controller.js";
import { AccessReviewRepository } from "./access-review.repository.js";
import { AccessReview } from "./access-review.service.js";
import { RunningWorks } from "./running-work.service.js";

/** Who can do what, and why. */
@Module({
  imports: [RegistryModule],
  controllers: [AccessReviewController],
  providers: [AccessReview, AccessReviewRepository, RunningWorks],
})
export class AccessReviewModule {}
