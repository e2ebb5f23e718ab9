import { Body, Controller, HttpCode, Post } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Register, Registrations } from "@ziggurat/contracts";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { RegistrationsService } from "./registrations.service.js";

@ApiTags("models")
@Controller("api/v1/registrations")
export class RegistrationsController {
  constructor(private readonly registrations: RegistrationsService) {}

  @Post()
  @HttpCode(200)
  @RequireScope("models:write", "models:register")
  @ApiResponse({ status: 200, standardSchema: Registrations })
  register(@CurrentViewer() viewer: Viewer, @Body({ schema: Register }) body: Register): Promise<Registrations> {
    return this.registrations.register(viewer, body);
  }
}
