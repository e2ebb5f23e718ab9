import { Controller, UseGuards } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { RequireScope } from "../platform/http/access.js";
import { ResourcesController } from "./resources.controller.js";
import { ScimDoorGuard } from "./scim-door.guard.js";
import { ScimGroups } from "./scim-groups.service.js";

@ApiExcludeController()
@RequireScope("directory:write")
@UseGuards(ScimDoorGuard)
@Controller("scim/v2/Groups")
export class ScimGroupsController extends ResourcesController {
  constructor(protected readonly resources: ScimGroups) {
    super();
  }
}
