import { Module } from "@nestjs/common";
import { MeteringModule } from "../metering/metering.module.js";
import { ChargesController } from "./charges.controller.js";
import { Corrections } from "./corrections.service.js";
import { StatementsController } from "./statements.controller.js";
import { StatementsRepository } from "./statements.repository.js";
import { Statements } from "./statements.service.js";

/** What each institution pays for a month, closed for good, and what is taken back of it. */
@Module({
  imports: [MeteringModule],
  controllers: [ChargesController, StatementsController],
  providers: [Corrections, Statements, StatementsRepository],
})
export class StatementsModule {}
