import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Evaluation, EvaluationItem, idOf, ListEvaluations, type Page, PageQuery, pageOf } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { EvaluationsService } from "./evaluations.service.js";

const EvaluationPath = z.strictObject({ id: idOf("evaluation") });
type EvaluationPath = z.infer<typeof EvaluationPath>;
const ItemsQuery = PageQuery.omit({ include: true });

@ApiTags("quality")
@Controller("api/v1/evaluations")
export class EvaluationsController {
  constructor(private readonly evaluations: EvaluationsService) {}

  @Get()
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Evaluation) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListEvaluations }) query: ListEvaluations): Promise<Page<Evaluation>> {
    return this.evaluations.list(viewer, query);
  }

  @Get(":id")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: Evaluation })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: EvaluationPath }) path: EvaluationPath): Promise<Evaluation> {
    return this.evaluations.get(viewer, path.id);
  }

  @Get(":id/items")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(EvaluationItem) })
  items(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: EvaluationPath }) path: EvaluationPath,
    @Query({ schema: ItemsQuery }) query: z.infer<typeof ItemsQuery>,
  ): Promise<Page<EvaluationItem>> {
    return this.evaluations.items(viewer, path.id, query.limit, query.cursor);
  }
}
