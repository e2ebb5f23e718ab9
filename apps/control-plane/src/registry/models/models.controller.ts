import { Body, Controller, Get, Param, Patch, Post, Query, Req } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CreateModel, ListModels, Model, type Page, PatchModel, pageOf, Slug } from "@ziggurat/contracts";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { requireIfMatch } from "../../platform/http/etag.js";
import { Models } from "./models.service.js";

export const ModelPath = z.strictObject({ namespace: Slug, slug: Slug });
export type ModelPath = z.infer<typeof ModelPath>;

@ApiTags("models")
@Controller("api/v1/models")
export class ModelsController {
  constructor(private readonly models: Models) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Model) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListModels }) query: ListModels): Promise<Page<Model>> {
    return this.models.list(viewer, query);
  }

  @Post()
  @RequireScope("models:write", "models:register")
  @ApiResponse({ status: 201, standardSchema: Model })
  register(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateModel }) body: CreateModel): Promise<Model> {
    return this.models.register(viewer, body);
  }

  @Get(":namespace/:slug")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Model })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: ModelPath }) path: ModelPath): Promise<Model> {
    return this.models.get(viewer, path.namespace, path.slug);
  }

  @Patch(":namespace/:slug")
  @RequireScope("models:write", "models:register")
  @ApiResponse({ status: 200, standardSchema: Model })
  patch(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: ModelPath,
    @Body({ schema: PatchModel }) body: PatchModel,
    @Req() request: FastifyRequest,
  ): Promise<Model> {
    return this.models.patch(viewer, path.namespace, path.slug, body, (current) => requireIfMatch(request, current));
  }
}
