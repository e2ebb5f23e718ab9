import { Body, Controller, Get, Param, Put, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { CleanUpRule, CleanUpRuleName, ListCleanUps, type Page, PutCleanUpRule, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { CleanUpRules } from "./clean-up-rules.service.js";

const RulePath = z.strictObject({ name: CleanUpRuleName });
type RulePath = z.infer<typeof RulePath>;

@ApiTags("clean-ups")
@Controller("api/v1/clean-up-rules")
export class CleanUpRulesController {
  constructor(private readonly rules: CleanUpRules) {}

  @Get()
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(CleanUpRule) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListCleanUps }) query: ListCleanUps): Promise<Page<CleanUpRule>> {
    return this.rules.list(viewer, query);
  }

  @Get(":name")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: CleanUpRule })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: RulePath }) path: RulePath): Promise<CleanUpRule> {
    return this.rules.get(viewer, path.name);
  }

  @Get(":name/revisions")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(CleanUpRule) })
  revisions(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RulePath }) path: RulePath,
    @Query({ schema: ListCleanUps }) query: ListCleanUps,
  ): Promise<Page<CleanUpRule>> {
    return this.rules.revisions(viewer, path.name, query);
  }

  @Put(":name")
  @RequireScope("models:write")
  @ApiResponse({ status: 200, standardSchema: CleanUpRule })
  put(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: RulePath }) path: RulePath,
    @Body({ schema: PutCleanUpRule }) body: PutCleanUpRule,
  ): Promise<CleanUpRule> {
    return this.rules.put(viewer, path.name, body);
  }
}
