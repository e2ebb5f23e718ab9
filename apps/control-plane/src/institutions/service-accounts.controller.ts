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
const AccountPath = z.strictObject({ slug: Slug, accountId: idOf("serviceAccount") });
type AccountPath = z.infer<typeof AccountPath>;
const TokenPath = z.strictObject({ slug: Slug, accountId: idOf("serviceAccount"), id: idOf("token") });
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

  @Get(":accountId")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: ServiceAccount })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: AccountPath }) { slug, accountId }: AccountPath): Promise<ServiceAccount> {
    return this.accounts.get(viewer, slug, accountId);
  }

  @Patch(":accountId")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: ServiceAccount })
  change(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, accountId }: AccountPath,
    @Body({ schema: ChangeServiceAccount }) body: ChangeServiceAccount,
  ): Promise<ServiceAccount> {
    return this.accounts.change(viewer, slug, accountId, body);
  }

  @Delete(":accountId")
  @HttpCode(204)
  @RequireScope("institutions:write")
  remove(@CurrentViewer() viewer: Viewer, @Param({ schema: AccountPath }) { slug, accountId }: AccountPath): Promise<void> {
    return this.accounts.remove(viewer, slug, accountId);
  }

  @Get(":accountId/tokens")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: pageOf(ServiceToken) })
  tokens(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, accountId }: AccountPath,
    @Query({ schema: TokensQuery }) query: TokensQuery,
  ): Promise<Page<ServiceToken>> {
    return this.serviceTokens.list(viewer, slug, accountId, query);
  }

  @Post(":accountId/tokens")
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: CreatedServiceToken })
  createToken(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AccountPath }) { slug, accountId }: AccountPath,
    @Body({ schema: CreateToken }) body: CreateToken,
  ): Promise<CreatedServiceToken> {
    return this.serviceTokens.create(viewer, slug, accountId, body);
  }

  @Post(":accountId/tokens/:id/rotate")
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: CreatedServiceToken })
  rotateToken(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: TokenPath }) { slug, accountId, id }: TokenPath,
    @Body({ schema: RotateToken }) body: RotateToken,
  ): Promise<CreatedServiceToken> {
    return this.serviceTokens.rotate(viewer, slug, accountId, id, body);
  }

  @Delete(":accountId/tokens/:id")
  @HttpCode(204)
  @RequireScope("institutions:write")
  revokeToken(@CurrentViewer() viewer: Viewer, @Param({ schema: TokenPath }) { slug, accountId, id }: TokenPath): Promise<void> {
    return this.serviceTokens.revoke(viewer, slug, accountId, id);
  }
}
