import { Body, Controller, HttpCode, Param, Post } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Charge, CorrectCharge, CorrectionPreview, PreviewCorrection, Slug } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Corrections } from "./corrections.service.js";

const ChargedPath = z.strictObject({ slug: Slug });
type ChargedPath = z.infer<typeof ChargedPath>;

@ApiTags("statements")
@Controller("api/v1/institutions/:slug/charges/corrections")
export class ChargesController {
  constructor(private readonly corrections: Corrections) {}

  @Post()
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: Charge })
  correct(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ChargedPath }) { slug }: ChargedPath,
    @Body({ schema: CorrectCharge }) body: CorrectCharge,
  ): Promise<Charge> {
    return this.corrections.correct(viewer, slug, body);
  }

  @Post("preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: CorrectionPreview })
  preview(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ChargedPath }) { slug }: ChargedPath,
    @Body({ schema: PreviewCorrection }) body: PreviewCorrection,
  ): Promise<CorrectionPreview> {
    return this.corrections.preview(viewer, slug, body);
  }
}
