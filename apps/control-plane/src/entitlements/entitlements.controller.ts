import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  EndEntitlement,
  Entitlement,
  GrantEntitlement,
  idOf,
  LineAccess,
  ListEntitlements,
  type Page,
  pageOf,
  SetLineAccess,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { ModelPath } from "../registry/models/models.controller.js";
import { Entitlements } from "./entitlements.service.js";

const HolderPath = z.strictObject({ slug: Slug });
type HolderPath = z.infer<typeof HolderPath>;
const EntitlementPath = z.strictObject({ slug: Slug, id: idOf("entitlement") });
type EntitlementPath = z.infer<typeof EntitlementPath>;

@ApiTags("institutions")
@Controller("api/v1/institutions/:slug/entitlements")
export class EntitlementsController {
  constructor(private readonly entitlements: Entitlements) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Entitlement) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: HolderPath }) { slug }: HolderPath,
    @Query({ schema: ListEntitlements }) query: ListEntitlements,
  ): Promise<Page<Entitlement>> {
    return this.entitlements.list(viewer, slug, query);
  }

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: Entitlement })
  grant(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: HolderPath }) { slug }: HolderPath,
    @Body({ schema: GrantEntitlement }) body: GrantEntitlement,
  ): Promise<Entitlement> {
    return this.entitlements.grant(viewer, slug, body);
  }

  @Post(":id/end")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: Entitlement })
  end(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: EntitlementPath }) { slug, id }: EntitlementPath,
    @Body({ schema: EndEntitlement }) body: EndEntitlement,
  ): Promise<Entitlement> {
    return this.entitlements.end(viewer, slug, id, body);
  }
}

@ApiTags("models")
@Controller("api/v1/models/:namespace/:slug/access")
export class LineAccessController {
  constructor(private readonly entitlements: Entitlements) {}

  @Get()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: LineAccess })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: ModelPath }) path: ModelPath): Promise<LineAccess> {
    return this.entitlements.access(viewer, path.namespace, path.slug);
  }

  @Put()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: LineAccess })
  set(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: ModelPath,
    @Body({ schema: SetLineAccess }) body: SetLineAccess,
  ): Promise<LineAccess> {
    return this.entitlements.setAccess(viewer, path.namespace, path.slug, body);
  }
}
