import { Body, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import type { Viewer } from "../platform/database/viewer.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import type { Json } from "./read-resource.js";
import { answered, Content, ResourcePath } from "./resource-answer.js";
import { ListQuery, listResponse, projected, ResourceQuery, SearchRequest } from "./scim-query.js";
import type { ScimResources } from "./scim-resources.js";

/** What a client may do with resources of one kind (RFC 7644, section 3.2). */
export abstract class ResourcesController {
  protected abstract readonly resources: ScimResources<unknown>;

  @Get()
  async list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListQuery }) query: ListQuery): Promise<Json> {
    const { total, resources } = await this.resources.list(viewer, query);
    const { schema } = this.resources.type;
    return listResponse({ total, resources: resources.map((one) => projected(one, schema, query)) }, query.startIndex);
  }

  @Post(".search")
  @HttpCode(200)
  search(@CurrentViewer() viewer: Viewer, @Body({ schema: SearchRequest }) query: ListQuery): Promise<Json> {
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
    return answered(reply, this.resources.type, await this.resources.get(viewer, id, query), query, ifNoneMatch);
  }

  @Post()
  @HttpCode(201)
  async create(
    @CurrentViewer() viewer: Viewer,
    @Body({ schema: Content }) body: Content,
    @Query({ schema: ResourceQuery }) query: ResourceQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Json | undefined> {
    return answered(reply, this.resources.type, await this.resources.create(viewer, body), query);
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
    return answered(reply, this.resources.type, await this.resources.replace(viewer, id, body, ifMatch), query);
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
    return answered(reply, this.resources.type, await this.resources.patch(viewer, id, body, ifMatch), query);
  }

  @Delete(":id")
  @HttpCode(204)
  remove(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ResourcePath }) { id }: ResourcePath,
    @Query({ schema: ResourceQuery }) _: ResourceQuery,
    @Headers("if-match") ifMatch: string | undefined,
  ): Promise<void> {
    return this.resources.delete(viewer, id, ifMatch);
  }
}
