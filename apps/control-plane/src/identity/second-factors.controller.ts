import { Body, Controller, Get, HttpCode, Post } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import {
  ConfirmSecondFactor,
  EndSecondFactor,
  RecoveryCodes,
  SecondFactor,
  StartedSecondFactor,
  StartSecondFactor,
} from "@ziggurat/contracts";
import type { Viewer } from "../platform/database/viewer.js";
import { SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { SecondFactors } from "./second-factors.service.js";

@SignedIn()
@Controller("api/v1/me/second-factor")
export class SecondFactorsController {
  constructor(private readonly factors: SecondFactors) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: SecondFactor })
  get(@CurrentViewer() viewer: Viewer): Promise<SecondFactor> {
    return this.factors.get(viewer);
  }

  @Post()
  @AnsweredOnce()
  @ApiResponse({ status: 201, standardSchema: StartedSecondFactor })
  begin(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: StartSecondFactor }) body: StartSecondFactor,
  ): Promise<StartedSecondFactor> {
    return this.factors.begin(viewer, credential, body);
  }

  @Post("confirm")
  @HttpCode(200)
  @AnsweredOnce()
  @ApiResponse({ status: 200, standardSchema: RecoveryCodes })
  confirm(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: ConfirmSecondFactor }) body: ConfirmSecondFactor,
  ): Promise<RecoveryCodes> {
    return this.factors.confirm(viewer, credential, body);
  }

  @Post("end")
  @HttpCode(204)
  end(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: EndSecondFactor }) body: EndSecondFactor,
  ): Promise<void> {
    return this.factors.end(viewer, credential, body);
  }
}
