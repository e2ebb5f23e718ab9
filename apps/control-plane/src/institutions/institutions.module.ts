import { Module } from "@nestjs/common";
import { IdentityModule } from "../identity/identity.module.js";
import { InstitutionsController } from "./institutions.controller.js";
import { InstitutionsRepository } from "./institutions.repository.js";
import { InstitutionsService } from "./institutions.service.js";
import { MembersController } from "./members.controller.js";
import { MembersService } from "./members.service.js";

@Module({
  imports: [IdentityModule],
  controllers: [InstitutionsController, MembersController],
  providers: [InstitutionsRepository, InstitutionsService, MembersService],
  exports: [InstitutionsService],
})
export class InstitutionsModule {}
