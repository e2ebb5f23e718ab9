import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  AddIdentityProvider,
  FindProviders,
  FoundProviders,
  IdentityProvider,
  idOf,
  ListIdentityProviders,
  type Page,
  type PageQuery,
  ProviderCheck,
  pageOf,
  Slug,
  UpdateIdentityProvider,
} from "@ziggurat/contracts";
import { z } from "zod";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import type { Viewer } from "../platform/database/viewer.js";
import { Public, RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Providers } from "./providers.service.js";

const HolderPath = z.strictObject({ slug: Slug });
type HolderPath = z.infer<typeof HolderPath>;
const OwnProviderPath = z.strictObject({ slug: Slug, id: idOf("identityProvider") });
type OwnProviderPath = z.infer<typeof OwnProviderPath>;

@ApiTags("session")
@Public()
@Controller("api/v1/auth/providers")
export class SignInProvidersController {
  constructor(private readonly providers: Providers) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: FoundProviders })
  offered(@Query({ schema: FindProviders }) { institution }: FindProviders): Promise<FoundProviders> {
    return this.providers.offered(institution ?? PLATFORM_SLUG);
  }
}

@ApiTags("institutions")
@RequireScope("institutions:write")
@Controller("api/v1/institutions/:slug/identity-providers")
export class IdentityProvidersController {
  constructor(private readonly providers: Providers) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: pageOf(IdentityProvider) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: HolderPath }) { slug }: HolderPath,
    @Query({ schema: ListIdentityProviders }) query: PageQuery,
  ): Promise<Page<IdentityProvider>> {
    return this.providers.list(viewer, slug, query);
  }

  @Post()
  @ApiResponse({ status: 201, standardSchema: IdentityProvider })
  add(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: HolderPath }) { slug }: HolderPath,
    @Body({ schema: AddIdentityProvider }) body: AddIdentityProvider,
  ): Promise<IdentityProvider> {
    return this.providers.add(viewer, slug, body);
  }

  @Patch(":id")
  @ApiResponse({ status: 200, standardSchema: IdentityProvider })
  update(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: OwnProviderPath }) { slug, id }: OwnProviderPath,
    @Body({ schema: UpdateIdentityProvider }) body: UpdateIdentityProvider,
  ): Promise<IdentityProvider> {
    return this.providers.update(viewer, slug, id, body);
  }

  @Post(":id/test")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ProviderCheck })
  test(@CurrentViewer() viewer: Viewer, @Param({ schema: OwnProviderPath }) { slug, id }: OwnProviderPath): Promise<ProviderCheck> {
    return this.providers.test(viewer, slug, id);
  }
}
