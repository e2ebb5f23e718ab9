import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res, UseGuards } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { GROUP } from "./attributes.js";
import type { Json } from "./read-resource.js";
import { answered, Content, ResourcePath } from "./resource-answer.js";
import { ScimDoorGuard } from "./scim-door.guard.js";
import { ScimGroups } from "./scim-groups.service.js";
import { ListQuery, listResponse, projected, ResourceQuery, SearchRequest } from "./scim-query.js";

@ApiExcludeController()
@RequireScope("directory:write")
@UseGuards(ScimDoorGuard)
@Controller("scim/v2/Groups")
export class ScimGroupsController {
  constructor(private readonly groups: ScimGroups) {}

  @Get()
  async list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListQuery }) query: ListQuery): Promise<Json> {
    const { total, resources } = await this.groups.list(viewer, query);
    return listResponse({ total, resources: resources.map((one) => projected(one, GROUP.schema, query)) }, query.startIndex);
  }

  @Post(".search")
  @HttpCode(200)
  async search(@CurrentViewer() viewer: Viewer, @Body({ schema: SearchRequest }) query: ListQuery): Promise<Json> {
    return this.list(viewer, query);
  }

  @Get(":id")
  async get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ResourcePath }) { id }: ResourcePath,
    @Query({ schema: ResourceQuery }) query: ResourceQuery,
    @Headers("if-none-match") ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Json | undefined> {
    return answered(reply, GROUP, await this.groups.get(viewer, id, query), query, ifNoneMatch);
  }

  @Post()
  @HttpCode(201)
  async create(
    @CurrentViewer() viewer: Viewer,
    @Body({ schema: Content }) body: Content,
    @Query({ schema: ResourceQuery }) query: ResourceQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Json | undefined> {
    return answered(reply, GROUP, await this.groups.create(viewer, body), query);
  }

  @Put(":id")
  async replace(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ResourcePath }) { id }: ResourcePath,
    @Body({ schema: Content }) body: Content,
    @Query({ schema: ResourceQuery }) query: ResourceQuery,
    @Headers("if-match") ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Json | undefined> {
    return answered(reply, GROUP, await this.groups.replace(viewer, id, body, ifMatch), query);
  }

  @Patch(":id")
  async patch(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ResourcePath }) { id }: ResourcePath,
    @Body({ schema: Content }) body: Content,
    @Query({ schema: ResourceQuery }) query: ResourceQuery,
    @Headers("if-match") ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Json | undefined> {
    return answered(reply, GROUP, await this.groups.patch(viewer, id, body, ifMatch), query);
  }

  @Delete(":id")
  @HttpCode(204)
  remove(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ResourcePath }) { id }: ResourcePath,
    @Query({ schema: ResourceQuery }) _: ResourceQuery,
    @Headers("if-match") ifMatch: string | undefined,
  ): Promise<void> {
    return this.groups.delete(viewer, id, ifMatch);
  }
}
