import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { BeginLink, BegunTrip, idOf, LinkedIdentities, LinkMember, Slug } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope, SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { BrowserCookie } from "./browser-cookie.js";
import { Identities } from "./identities.service.js";

const MemberPath = z.strictObject({ slug: Slug, userId: idOf("user") });
type MemberPath = z.infer<typeof MemberPath>;
const MemberIdentityPath = z.strictObject({ slug: Slug, userId: idOf("user"), id: idOf("identity") });
type MemberIdentityPath = z.infer<typeof MemberIdentityPath>;

@ApiTags("session")
@SignedIn()
@Controller("api/v1/me/identities")
export class MyIdentitiesController {
  constructor(
    private readonly identities: Identities,
    private readonly cookie: BrowserCookie,
  ) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: LinkedIdentities })
  list(@CurrentViewer() viewer: Viewer): Promise<LinkedIdentities> {
    return this.identities.mine(viewer);
  }

  @Post()
  @AnsweredOnce()
  @ApiResponse({ status: 201, standardSchema: BegunTrip })
  async begin(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: BeginLink }) body: BeginLink,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BegunTrip> {
    const { url, browser } = await this.identities.begin(viewer, credential, body);
    this.cookie.write(reply, browser);
    return { url: url.href };
  }
}

@ApiTags("institutions")
@RequireScope("institutions:write")
@Controller("api/v1/institutions/:slug/members/:userId/identities")
export class MemberIdentitiesController {
  constructor(private readonly identities: Identities) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: LinkedIdentities })
  list(@CurrentViewer() viewer: Viewer, @Param({ schema: MemberPath }) { slug, userId }: MemberPath): Promise<LinkedIdentities> {
    return this.identities.ofMember(viewer, slug, userId);
  }

  @Post()
  @ApiResponse({ status: 201, standardSchema: LinkedIdentities })
  link(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MemberPath }) { slug, userId }: MemberPath,
    @Body({ schema: LinkMember }) body: LinkMember,
  ): Promise<LinkedIdentities> {
    return this.identities.link(viewer, slug, userId, body);
  }

  @Delete(":id")
  @HttpCode(204)
  unlink(@CurrentViewer() viewer: Viewer, @Param({ schema: MemberIdentityPath }) { slug, userId, id }: MemberIdentityPath): Promise<void> {
    return this.identities.unlink(viewer, slug, userId, id);
  }
}
