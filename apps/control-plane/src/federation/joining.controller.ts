import { Body, Controller, HttpCode, Post, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { BeginJoin, BegunTrip } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import type { Viewer } from "../platform/database/viewer.js";
import { SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { BrowserCookie } from "./browser-cookie.js";
import { Joining } from "./joining.service.js";

@ApiTags("session")
@SignedIn()
@Controller("api/v1/auth/join/provider")
export class JoiningController {
  constructor(
    private readonly joining: Joining,
    private readonly cookie: BrowserCookie,
  ) {}

  /** Posted with the page's CSRF token, so that no other page begins it. */
  @Post()
  @HttpCode(200)
  @AnsweredOnce()
  @ApiResponse({ status: 200, standardSchema: BegunTrip })
  async begin(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: BeginJoin }) body: BeginJoin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BegunTrip> {
    const { url, browser } = await this.joining.begin(viewer, credential, body);
    this.cookie.write(reply, browser);
    return { url: url.href };
  }
}
