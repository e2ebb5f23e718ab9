import { Body, Controller, Get, Param, Post, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { CreateInstitution, Institution, type Page, PageQuery, pageOf, Slug } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { InstitutionsService } from "./institutions.service.js";

const InstitutionPath = z.strictObject({ slug: Slug });

@Controller("api/v1/institutions")
export class InstitutionsController {
  constructor(private readonly service: InstitutionsService) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Institution) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Institution>> {
    return this.service.list(viewer, query);
  }

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: Institution })
  create(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateInstitution }) body: CreateInstitution): Promise<Institution> {
    return this.service.create(viewer, body);
  }

  @Get(":slug")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: Institution })
  get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: InstitutionPath }) { slug }: z.infer<typeof InstitutionPath>,
  ): Promise<Institution> {
    return this.service.get(viewer, slug);
  }
}
