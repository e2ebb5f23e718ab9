import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import {
  ChangeServiceAccount,
  CreatedServiceToken,
  CreateServiceAccount,
  CreateToken,
  idOf,
  type Page,
  PageQuery,
  pageOf,
  RotateToken,
  ServiceAccount,
  ServiceToken,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { ServiceAccounts } from "./service-accounts.service.js";
import { ServiceTokens } from "./service-tokens.service.js";

const AccountsPath = z.strictObject({ slug: Slug });
type AccountsPath = z.infer<typeof AccountsPath>;
const AccountPath = z.strictObject({ slug: Slug, userId: idOf("user") });
type AccountPath = z.infer<typeof AccountPath>;
const TokenPath = z.strictObject({ slug: Slug, userId: idOf("user"), id: idOf("token") });
type TokenPath = z.infer<typeof TokenPath>;
const TokensQuery = PageQuery.omit({ include: true });
type TokensQuery = z.infer<typeof TokensQuery>;

@Controller("api/v1/institutions/:slug/service-accounts")
export class ServiceAccountsController {
  constructor(
    private readonly accounts: ServiceAccounts,
    private readonly serviceTokens: ServiceTokens,
  ) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(ServiceAccount) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountsPath }) { slug }: AccountsPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ServiceAccount>> {
    return this.accounts.list(viewer, slug, query);
  }

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: ServiceAccount })
  create(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountsPath }) { slug }: AccountsPath,
    @Body({ schema: CreateServiceAccount }) body: CreateServiceAccount,
  ): Promise<ServiceAccount> {
    return this.accounts.create(viewer, slug, body);
  }

  @Get(":userId")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: ServiceAccount })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: AccountPath }) { slug, userId }: AccountPath): Promise<ServiceAccount> {
    return this.accounts.get(viewer, slug, userId);
  }

  @Patch(":userId")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: ServiceAccount })
  change(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, userId }: AccountPath,
    @Body({ schema: ChangeServiceAccount }) body: ChangeServiceAccount,
  ): Promise<ServiceAccount> {
    return this.accounts.change(viewer, slug, userId, body);
  }

  @Delete(":userId")
  @HttpCode(204)
  @RequireScope("institutions:write")
  remove(@CurrentViewer() viewer: Viewer, @Param({ schema: AccountPath }) { slug, userId }: AccountPath): Promise<void> {
    return this.accounts.remove(viewer, slug, userId);
  }

  @Get(":userId/tokens")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: pageOf(ServiceToken) })
  tokens(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, userId }: AccountPath,
    @Query({ schema: TokensQuery }) query: TokensQuery,
  ): Promise<Page<ServiceToken>> {
    return this.serviceTokens.list(viewer, slug, userId, query);
  }

  @Post(":userId/tokens")
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: CreatedServiceToken })
  createToken(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, userId }: AccountPath,
    @Body({ schema: CreateToken }) body: CreateToken,
  ): Promise<CreatedServiceToken> {
    return this.serviceTokens.create(viewer, slug, userId, body);
  }

  @Post(":userId/tokens/:id/rotate")
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: CreatedServiceToken })
  rotateToken(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: TokenPath }) { slug, userId, id }: TokenPath,
    @Body({ schema: RotateToken }) body: RotateToken,
  ): Promise<CreatedServiceToken> {
    return this.serviceTokens.rotate(viewer, slug, userId, id, body);
  }

  @Delete(":userId/tokens/:id")
  @HttpCode(204)
  @RequireScope("institutions:write")
  revokeToken(@CurrentViewer() viewer: Viewer, @Param({ schema: TokenPath }) { slug, userId, id }: TokenPath): Promise<void> {
    return this.serviceTokens.revoke(viewer, slug, userId, id);
  }
}
