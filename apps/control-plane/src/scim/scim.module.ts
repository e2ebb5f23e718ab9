import { Module } from "@nestjs/common";
import { IdentityModule } from "../identity/identity.module.js";
import { InstitutionsModule } from "../institutions/institutions.module.js";
import { GroupRoles } from "./group-roles.service.js";
import { ScimController } from "./scim.controller.js";
import { ScimGroupsController } from "./scim-groups.controller.js";
import { ScimGroupsRepository } from "./scim-groups.repository.js";
import { ScimGroups } from "./scim-groups.service.js";
import { ScimSettingsController } from "./scim-settings.controller.js";
import { ScimSettings } from "./scim-settings.service.js";
import { ScimUsersController } from "./scim-users.controller.js";
import { ScimUsersRepository } from "./scim-users.repository.js";
import { ScimUsers } from "./scim-users.service.js";
import { ScimUsesRepository } from "./scim-uses.repository.js";

@Module({
  imports: [IdentityModule, InstitutionsModule],
  controllers: [ScimSettingsController, ScimUsersController, ScimGroupsController, ScimController],
  providers: [GroupRoles, ScimGroups, ScimGroupsRepository, ScimSettings, ScimUsers, ScimUsersRepository, ScimUsesRepository],
})
export class ScimModule {}
