import { Controller, Get, Param } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { VersionSeal } from "@ziggurat/contracts";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { VersionPath } from "../versions/versions.controller.js";
import { VersionSeals } from "./version-seals.service.js";

@ApiTags("versions")
@Controller("api/v1/models/:namespace/:slug/versions/:number/seal")
export class SealsController {
  constructor(private readonly seals: VersionSeals) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: VersionSeal })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: VersionPath): Promise<VersionSeal> {
    return this.seals.get(viewer, path);
  }
}
