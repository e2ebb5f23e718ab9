import { Body, Controller, Get, Param, Put, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { idOf, MapScimGroup, type Page, PageQuery, pageOf, ScimDoor, ScimGroup, Slug } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { ScimSettings } from "./scim-settings.service.js";

const InstitutionPath = z.strictObject({ slug: Slug });
const GroupPath = z.strictObject({ slug: Slug, id: idOf("scimGroup") });

@ApiTags("institutions")
@RequireScope("institutions:write")
@Controller("api/v1/institutions/:slug/scim")
export class ScimSettingsController {
  constructor(private readonly settings: ScimSettings) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: ScimDoor })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: InstitutionPath }) { slug }: z.infer<typeof InstitutionPath>): Promise<ScimDoor> {
    return this.settings.door(viewer, slug);
  }

  @Get("groups")
  @ApiResponse({ status: 200, standardSchema: pageOf(ScimGroup) })
  groups(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: InstitutionPath }) { slug }: z.infer<typeof InstitutionPath>,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ScimGroup>> {
    return this.settings.groups(viewer, slug, query);
  }

  @Put("groups/:id")
  @ApiResponse({ status: 200, standardSchema: ScimGroup })
  map(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: GroupPath }) { slug, id }: z.infer<typeof GroupPath>,
    @Body({ schema: MapScimGroup }) body: MapScimGroup,
  ): Promise<ScimGroup> {
    return this.settings.map(viewer, slug, id, body);
  }
}
