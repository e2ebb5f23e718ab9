import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CreateVersion,
  FilePath,
  type Page,
  PageQuery,
  PutFiles,
  pageOf,
  Slug,
  StateAt,
  StatesQuery,
  TransitionRequest,
  Version,
  VersionFile,
  VersionInspection,
  VersionStanding,
} from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { BLOB_STORE, type BlobStore } from "../blobs/blob-store.js";
import { sendBlob } from "../blobs/send-blob.js";
import { ModelPath } from "../models/models.controller.js";
import { Drafts } from "./drafts.service.js";
import { Standings } from "./standings.service.js";
import { Transitions } from "./transitions.service.js";
import { VersionStates } from "./version-states.service.js";
import { Versions } from "./versions.service.js";

const number = z.coerce.number().int().min(1).max(999_999_999);
export const VersionPath = z.strictObject({ namespace: Slug, slug: Slug, number });
export type VersionPath = z.infer<typeof VersionPath>;
/** The rest of the address is the path of a file in the version. */
const VersionFilePath = z.strictObject({ namespace: Slug, slug: Slug, number, "*": FilePath });

@ApiTags("versions")
@Controller("api/v1/models/:namespace/:slug/versions")
export class VersionsController {
  constructor(
    private readonly versions: Versions,
    private readonly drafts: Drafts,
    private readonly transitions: Transitions,
    private readonly standings: Standings,
    private readonly states: VersionStates,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Version) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: ModelPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<Version>> {
    return this.versions.list(viewer, path.namespace, path.slug, query);
  }

  @Post()
  @RequireScope("models:write")
  @ApiResponse({ status: 201, standardSchema: Version })
  create(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: ModelPath,
    @Body({ schema: CreateVersion }) body: CreateVersion,
  ): Promise<Version> {
    return this.drafts.create(viewer, path.namespace, path.slug, body);
  }

  @Get(":number")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Version })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: VersionPath): Promise<Version> {
    return this.versions.get(viewer, path);
  }

  @Get(":number/inspection")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: VersionInspection })
  inspection(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: VersionPath): Promise<VersionInspection> {
    return this.versions.inspection(viewer, path);
  }

  @Get(":number/standing")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: VersionStanding })
  standing(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: VersionPath): Promise<VersionStanding> {
    return this.standings.get(viewer, path);
  }

  @Get(":number/states")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(StateAt) })
  stateHistory(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: VersionPath,
    @Query({ schema: StatesQuery }) query: StatesQuery,
  ): Promise<Page<StateAt>> {
    return this.states.list(viewer, path, query);
  }

  @Get(":number/files")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(VersionFile) })
  files(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: VersionPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<VersionFile>> {
    return this.versions.files(viewer, path, query);
  }

  @Post(":number/files")
  @HttpCode(200)
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: Version })
  addFiles(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: VersionPath,
    @Body({ schema: PutFiles }) body: PutFiles,
  ): Promise<Version> {
    return this.drafts.putFiles(viewer, path, body.files);
  }

  @Put(":number/files")
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: Version })
  putFiles(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: VersionPath,
    @Body({ schema: PutFiles }) body: PutFiles,
  ): Promise<Version> {
    return this.drafts.putFiles(viewer, path, body.files);
  }

  @Get(":number/files/*")
  @RequireScope("models:read")
  async download(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionFilePath }) path: z.infer<typeof VersionFilePath>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const file = await this.versions.file(viewer, path, path["*"]);
    await sendBlob(
      this.store,
      { sha256: file.sha256, size: file.sizeBytes, name: file.path.split("/").at(-1) ?? file.path },
      request,
      reply,
    );
  }

  @Post(":number/transitions")
  @HttpCode(200)
  @RequireScope("models:write", "models:release", "models:withdraw")
  @ApiResponse({ status: 200, standardSchema: Version })
  move(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VersionPath }) path: VersionPath,
    @Body({ schema: TransitionRequest }) body: TransitionRequest,
  ): Promise<Version> {
    return this.transitions.move(viewer, path, body);
  }
}
