import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CollectGarbage, Garbage, GarbageCollection, GarbageCollectionId, type Page, PageQuery, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { GarbageCollections } from "./garbage.service.js";

const CollectionPath = z.strictObject({ id: GarbageCollectionId });
type CollectionPath = z.infer<typeof CollectionPath>;

@ApiTags("garbage")
@Controller("api/v1/garbage")
export class GarbageController {
  constructor(private readonly garbage: GarbageCollections) {}

  @Get()
  @RequireScope("admin")
  @ApiResponse({ status: 200, standardSchema: Garbage })
  look(@CurrentViewer() viewer: Viewer): Promise<Garbage> {
    return this.garbage.look(viewer);
  }

  @Post("collections")
  @HttpCode(202)
  @RequireScope("admin")
  @ApiResponse({ status: 202, standardSchema: GarbageCollection })
  collect(@CurrentViewer() viewer: Viewer, @Body({ schema: CollectGarbage }) body: CollectGarbage): Promise<GarbageCollection> {
    return this.garbage.collect(viewer, body);
  }

  @Get("collections")
  @RequireScope("admin")
  @ApiResponse({ status: 200, standardSchema: pageOf(GarbageCollection) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<GarbageCollection>> {
    return this.garbage.list(viewer, query);
  }

  @Get("collections/:id")
  @RequireScope("admin")
  @ApiResponse({ status: 200, standardSchema: GarbageCollection })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: CollectionPath }) path: CollectionPath): Promise<GarbageCollection> {
    return this.garbage.get(viewer, path.id);
  }
}
