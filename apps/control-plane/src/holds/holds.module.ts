import { Module } from "@nestjs/common";
import { SeparationModule } from "../separation/separation.module.js";
import { HoldsController } from "./holds.controller.js";
import { HoldsRepository } from "./holds.repository.js";
import { Holds } from "./holds.service.js";

/** Legal holds, which keep things and their evidence from deletion by anyone. */
@Module({
  imports: [SeparationModule],
  controllers: [HoldsController],
  providers: [Holds, HoldsRepository],
})
export class HoldsModule {}
