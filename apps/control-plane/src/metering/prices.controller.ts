import { Body, Controller, Get, HttpCode, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { ListPrices, type Page, PreviewPrice, Price, PricePreview, pageOf, SetPrice } from "@ziggurat/contracts";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Prices } from "./prices.service.js";

@ApiTags("statements")
@Controller("api/v1/prices")
export class PricesController {
  constructor(private readonly prices: Prices) {}

  @Get()
  @RequireScope("clusters:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Price) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListPrices }) query: ListPrices): Promise<Page<Price>> {
    return this.prices.list(viewer, query);
  }

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: Price })
  set(@CurrentViewer() viewer: Viewer, @Body({ schema: SetPrice }) body: SetPrice): Promise<Price> {
    return this.prices.set(viewer, body);
  }

  @Post("preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: PricePreview })
  preview(@CurrentViewer() viewer: Viewer, @Body({ schema: PreviewPrice }) body: PreviewPrice): Promise<PricePreview> {
    return this.prices.preview(viewer, body);
  }
}
