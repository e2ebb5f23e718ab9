import { Body, Controller, Get, HttpCode, Post, Req, Res } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { ChangePassword, LoginAnswer, LoginRequest, Me } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Viewer } from "../platform/database/viewer.js";
import { Public, SignedIn } from "../platform/http/access.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { SessionCookie } from "./session-cookie.js";
import { SignInService } from "./sign-in.service.js";

@Controller("api/v1")
export class SessionController {
  constructor(
    private readonly service: SignInService,
    private readonly cookie: SessionCookie,
  ) {}

  @Public()
  @Post("auth/login")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: LoginAnswer })
  async login(
    @Body({ schema: LoginRequest }) body: LoginRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string }> {
    const { secret, csrfToken } = await this.service.signIn(body, request.ip, request.id);
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  @SignedIn({ withOneTimePassword: true })
  @Post("auth/logout")
  @HttpCode(204)
  async logout(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.service.signOut(viewer, credential);
    this.cookie.clear(reply);
  }

  @SignedIn({ withOneTimePassword: true })
  @Get("me")
  @ApiResponse({ status: 200, standardSchema: Me })
  me(@CurrentViewer() viewer: Viewer, @CurrentCredential() credential: Credential): Promise<Me> {
    return this.service.me(viewer, credential);
  }

  @SignedIn({ withOneTimePassword: true })
  @Post("me/password")
  @HttpCode(204)
  changePassword(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: ChangePassword }) body: ChangePassword,
  ): Promise<void> {
    return this.service.changePassword(viewer, credential, body);
  }
}
