import { Module } from "@nestjs/common";
import { IdentityModule } from "../identity/identity.module.js";
import { Grants } from "./grants.service.js";
import { InstitutionsController } from "./institutions.controller.js";
import { InstitutionsRepository } from "./institutions.repository.js";
import { InstitutionsService } from "./institutions.service.js";
import { MemberSignIn } from "./member-sign-in.service.js";
import { MembersController } from "./members.controller.js";
import { MembersService } from "./members.service.js";
import { RolesController } from "./roles.controller.js";
import { RolesRepository } from "./roles.repository.js";
import { RolesService } from "./roles.service.js";
import { ServiceAccountsController } from "./service-accounts.controller.js";
import { ServiceAccountsRepository } from "./service-accounts.repository.js";
import { ServiceAccounts } from "./service-accounts.service.js";
import { ServiceTokensRepository } from "./service-tokens.repository.js";
import { ServiceTokens } from "./service-tokens.service.js";

@Module({
  imports: [IdentityModule],
  controllers: [InstitutionsController, MembersController, RolesController, ServiceAccountsController],
  providers: [
    Grants,
    InstitutionsRepository,
    InstitutionsService,
    MemberSignIn,
    MembersService,
    RolesRepository,
    RolesService,
    ServiceAccounts,
    ServiceAccountsRepository,
    ServiceTokens,
    ServiceTokensRepository,
  ],
  exports: [Grants, InstitutionsService, RolesRepository],
})
export class InstitutionsModule {}
