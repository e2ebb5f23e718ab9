import { Module } from "@nestjs/common";
import { RegistryModule } from "../registry/registry.module.js";
import { EvaluationsController } from "./evaluations.controller.js";
import { EvaluationsRepository } from "./evaluations.repository.js";
import { EvaluationsService } from "./evaluations.service.js";

@Module({
  imports: [RegistryModule],
  controllers: [EvaluationsController],
  providers: [EvaluationsRepository, EvaluationsService],
  exports: [EvaluationsRepository],
})
export class EvaluationsModule {}
