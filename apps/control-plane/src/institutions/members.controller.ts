import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import {
  AddedMember,
  AddMember,
  idOf,
  Member,
  OneTimePassword,
  type Page,
  PageQuery,
  pageOf,
  Slug,
  UpdateMember,
  WaysIn,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { MemberSignIn } from "./member-sign-in.service.js";
import { MembersService } from "./members.service.js";

const MembersPath = z.strictObject({ slug: Slug });
const MemberPath = z.strictObject({ slug: Slug, userId: idOf("user") });

@Controller("api/v1/institutions/:slug/members")
export class MembersController {
  constructor(
    private readonly service: MembersService,
    private readonly signIn: MemberSignIn,
  ) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Member) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MembersPath }) { slug }: z.infer<typeof MembersPath>,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Member>> {
    return this.service.list(viewer, slug, query);
  }

  @Post()
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: AddedMember })
  add(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MembersPath }) { slug }: z.infer<typeof MembersPath>,
    @Body({ schema: AddMember }) body: AddMember,
  ): Promise<AddedMember> {
    return this.service.add(viewer, slug, body);
  }

  @Patch(":userId")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: Member })
  setRoles(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MemberPath }) { slug, userId }: z.infer<typeof MemberPath>,
    @Body({ schema: UpdateMember }) body: UpdateMember,
  ): Promise<Member> {
    return this.service.setRoles(viewer, slug, userId, body);
  }

  @Get(":userId/sign-in")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: WaysIn })
  waysIn(@CurrentViewer() viewer: Viewer, @Param({ schema: MemberPath }) { slug, userId }: z.infer<typeof MemberPath>): Promise<WaysIn> {
    return this.signIn.waysIn(viewer, slug, userId);
  }

  @Post(":userId/password")
  @AnsweredOnce()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: OneTimePassword })
  givePassword(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MemberPath }) { slug, userId }: z.infer<typeof MemberPath>,
  ): Promise<OneTimePassword> {
    return this.signIn.givePassword(viewer, slug, userId);
  }

  @Delete(":userId/second-factor")
  @HttpCode(204)
  @RequireScope("institutions:write")
  resetSecondFactor(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MemberPath }) { slug, userId }: z.infer<typeof MemberPath>,
  ): Promise<void> {
    return this.signIn.resetSecondFactor(viewer, slug, userId);
  }

  @Delete(":userId")
  @HttpCode(204)
  @RequireScope("institutions:write")
  remove(@CurrentViewer() viewer: Viewer, @Param({ schema: MemberPath }) { slug, userId }: z.infer<typeof MemberPath>): Promise<void> {
    return this.service.remove(viewer, slug, userId);
  }
}
