import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CreateImport, Import, ImportActionRequest, ImportId, ListImports, type Page, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Imports } from "./imports.service.js";

const ImportPath = z.strictObject({ id: ImportId });
type ImportPath = z.infer<typeof ImportPath>;

@ApiTags("imports")
@Controller("api/v1/imports")
export class ImportsController {
  constructor(private readonly imports: Imports) {}

  @Post()
  @RequireScope("models:write")
  @ApiResponse({ status: 201, standardSchema: Import })
  request(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateImport }) body: CreateImport): Promise<Import> {
    return this.imports.request(viewer, body);
  }

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Import) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListImports }) query: ListImports): Promise<Page<Import>> {
    return this.imports.list(viewer, query);
  }

  @Get(":id")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Import })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: ImportPath }) path: ImportPath): Promise<Import> {
    return this.imports.get(viewer, path.id);
  }

  @Post(":id/cancel")
  @HttpCode(200)
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: Import })
  cancel(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ImportPath }) path: ImportPath,
    @Body({ schema: ImportActionRequest.prefault({}) }) body: ImportActionRequest,
  ): Promise<Import> {
    return this.imports.act(viewer, path.id, "cancel", body.reason);
  }

  @Post(":id/retry")
  @HttpCode(200)
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: Import })
  retry(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ImportPath }) path: ImportPath,
    @Body({ schema: ImportActionRequest.prefault({}) }) body: ImportActionRequest,
  ): Promise<Import> {
    return this.imports.act(viewer, path.id, "retry", body.reason);
  }
}
