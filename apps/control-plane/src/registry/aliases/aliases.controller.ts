import { Body, Controller, Get, Param, Put, Query, Req } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Alias, AliasName, AliasQuery, type Page, PageQuery, PutAlias, pageOf, Slug } from "@ziggurat/contracts";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { requireIfMatch } from "../../platform/http/etag.js";
import { ModelPath } from "../models/models.controller.js";
import { Aliases } from "./aliases.service.js";

export const AliasPath = z.strictObject({ namespace: Slug, slug: Slug, alias: AliasName });
export type AliasPath = z.infer<typeof AliasPath>;

@ApiTags("aliases")
@Controller("api/v1/models/:namespace/:slug/aliases")
export class AliasesController {
  constructor(private readonly aliases: Aliases) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Alias) })
  list(@CurrentViewer() viewer: Viewer, @Param({ schema: ModelPath }) path: ModelPath): Promise<Page<Alias>> {
    return this.aliases.list(viewer, path.namespace, path.slug);
  }

  @Get(":alias")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Alias })
  get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Query({ schema: AliasQuery }) query: AliasQuery,
  ): Promise<Alias> {
    return this.aliases.get(viewer, path, query);
  }

  @Get(":alias/history")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Alias) })
  history(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Alias>> {
    return this.aliases.history(viewer, path, query);
  }

  @Put(":alias")
  @RequireScope("models:write", "models:release")
  @ApiResponse({ status: 200, standardSchema: Alias })
  put(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Body({ schema: PutAlias }) body: PutAlias,
    @Req() request: FastifyRequest,
  ): Promise<Alias> {
    return this.aliases.put(viewer, path, body, (current) => expectSeen(request, current));
  }
}

/** `If-Match` holds the move to the alias its author saw, `If-None-Match: *` to there being none; without either the last one wins. */
function expectSeen(request: FastifyRequest, current: Alias | null): void {
  if (request.headers["if-none-match"] === "*" && current !== null)
    throw new Refusal("stale", `${current.name} already points to ${current.version}.`);
  if (request.headers["if-match"] === undefined) return;
  if (current === null) throw new Refusal("stale", "There is no such alias any more.");
  requireIfMatch(request, current);
}
