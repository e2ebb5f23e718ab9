import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import {
  ChangeRole,
  CreateRole,
  CustomRole,
  idOf,
  type Page,
  PageQuery,
  PreviewRole,
  pageOf,
  RolePreview,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { RolesService } from "./roles.service.js";

const RolesPath = z.strictObject({ slug: Slug });
type RolesPath = z.infer<typeof RolesPath>;
const RolePath = z.strictObject({ slug: Slug, id: idOf("role") });
type RolePath = z.infer<typeof RolePath>;

@Controller("api/v1/institutions/:slug/roles")
export class RolesController {
  constructor(private readonly service: RolesService) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(CustomRole) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RolesPath }) { slug }: RolesPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<CustomRole>> {
    return this.service.list(viewer, slug, query);
  }

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: CustomRole })
  create(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RolesPath }) { slug }: RolesPath,
    @Body({ schema: CreateRole }) body: CreateRole,
  ): Promise<CustomRole> {
    return this.service.create(viewer, slug, body);
  }

  @Get(":id")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: CustomRole })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: RolePath }) { slug, id }: RolePath): Promise<CustomRole> {
    return this.service.get(viewer, slug, id);
  }

  @Post(":id/preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: RolePreview })
  preview(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RolePath }) { slug, id }: RolePath,
    @Body({ schema: PreviewRole }) body: PreviewRole,
  ): Promise<RolePreview> {
    return this.service.preview(viewer, slug, id, body);
  }

  @Patch(":id")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: CustomRole })
  change(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RolePath }) { slug, id }: RolePath,
    @Body({ schema: ChangeRole }) body: ChangeRole,
  ): Promise<CustomRole> {
    return this.service.change(viewer, slug, id, body);
  }

  @Delete(":id")
  @HttpCode(204)
  @RequireScope("institutions:write")
  remove(@CurrentViewer() viewer: Viewer, @Param({ schema: RolePath }) { slug, id }: RolePath): Promise<void> {
    return this.service.remove(viewer, slug, id);
  }
}
