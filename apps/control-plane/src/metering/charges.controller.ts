import { Body, Controller, Param, Post } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Charge, CorrectCharge, Slug } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Metering } from "./metering.service.js";

const ChargedPath = z.strictObject({ slug: Slug });
type ChargedPath = z.infer<typeof ChargedPath>;

@ApiTags("statements")
@Controller("api/v1/institutions/:slug/charges")
export class ChargesController {
  constructor(private readonly metering: Metering) {}

  @Post("corrections")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: Charge })
  correct(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ChargedPath }) { slug }: ChargedPath,
    @Body({ schema: CorrectCharge }) body: CorrectCharge,
  ): Promise<Charge> {
    return this.metering.correct(viewer, slug, body);
  }
}
