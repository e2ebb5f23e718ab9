import { Controller, Get, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { SearchAnswer, SearchQuery } from "@ziggurat/contracts";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Search } from "./search.service.js";

@ApiTags("search")
@Controller("api/v1/search")
export class SearchController {
  constructor(private readonly search: Search) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: SearchAnswer })
  find(@CurrentViewer() viewer: Viewer, @Query({ schema: SearchQuery }) query: SearchQuery): Promise<SearchAnswer> {
    return this.search.search(viewer, query);
  }
}
