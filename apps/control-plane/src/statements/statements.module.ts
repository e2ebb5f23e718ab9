import { Module } from "@nestjs/common";
import { MeteringModule } from "../metering/metering.module.js";
import { StatementsController } from "./statements.controller.js";
import { StatementsRepository } from "./statements.repository.js";
import { Statements } from "./statements.service.js";

/** What each institution pays for a month, closed for good. */
@Module({
  imports: [MeteringModule],
  controllers: [StatementsController],
  providers: [Statements, StatementsRepository],
})
export class StatementsModule {}
