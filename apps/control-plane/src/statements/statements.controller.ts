import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiProduces, ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CloseMonth,
  ClosePreview,
  ListStatements,
  Month,
  MonthStatement,
  MonthSummary,
  type Page,
  PreviewClose,
  pageOf,
  StatementQuery,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Statements } from "./statements.service.js";

const MonthPath = z.strictObject({ month: Month });
type MonthPath = z.infer<typeof MonthPath>;

@ApiTags("statements")
@Controller("api/v1/statements")
export class StatementsController {
  constructor(private readonly statements: Statements) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(MonthSummary) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListStatements }) query: ListStatements): Promise<Page<MonthSummary>> {
    return this.statements.list(viewer, query);
  }

  @Get(":month")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: MonthStatement })
  get(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MonthPath }) { month }: MonthPath,
    @Query({ schema: StatementQuery }) query: StatementQuery,
  ): Promise<MonthStatement> {
    return this.statements.get(viewer, month, query);
  }

  @Get(":month/export")
  @RequireScope("institutions:read")
  @Header("content-type", "text/csv; charset=utf-8")
  @Header("content-disposition", 'attachment; filename="statement.csv"')
  @ApiProduces("text/csv")
  @ApiResponse({ status: 200, description: "One row for each line of the statement (RFC 4180)." })
  export(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MonthPath }) { month }: MonthPath,
    @Query({ schema: StatementQuery }) query: StatementQuery,
  ): Promise<string> {
    return this.statements.export(viewer, month, query);
  }

  @Post(":month/preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: ClosePreview })
  preview(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MonthPath }) { month }: MonthPath,
    @Body({ schema: PreviewClose }) body: PreviewClose,
  ): Promise<ClosePreview> {
    return this.statements.preview(viewer, month, body.rule);
  }

  @Post(":month/close")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: MonthStatement })
  close(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: MonthPath }) { month }: MonthPath,
    @Body({ schema: CloseMonth }) body: CloseMonth,
  ): Promise<MonthStatement> {
    return this.statements.close(viewer, month, body);
  }
}
