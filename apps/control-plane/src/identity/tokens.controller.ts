import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { CreatedToken, CreateToken, idOf, type Page, PageQuery, pageOf, RotateToken, Token } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { TokensService } from "./tokens.service.js";

const TokenPath = z.strictObject({ id: idOf("token") });

@SignedIn()
@Controller("api/v1/tokens")
export class TokensController {
  constructor(private readonly service: TokensService) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: pageOf(Token) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Token>> {
    return this.service.list(viewer, query);
  }

  @Post()
  @AnsweredOnce()
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  create(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateToken }) body: CreateToken): Promise<CreatedToken> {
    return this.service.create(viewer, body);
  }

  @Post(":id/rotate")
  @AnsweredOnce()
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  rotate(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: TokenPath }) { id }: z.infer<typeof TokenPath>,
    @Body({ schema: RotateToken }) body: RotateToken,
  ): Promise<CreatedToken> {
    return this.service.rotate(viewer, id, body);
  }

  @Delete(":id")
  @HttpCode(204)
  revoke(@CurrentViewer() viewer: Viewer, @Param({ schema: TokenPath }) path: z.infer<typeof TokenPath>): Promise<void> {
    return this.service.revoke(viewer, path.id);
  }
}
