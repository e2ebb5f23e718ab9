import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import {
  ChangePassword,
  idOf,
  LoginAnswer,
  LoginRequest,
  Me,
  OwnSession,
  type Page,
  PasskeyOptions,
  PasskeySignIn,
  pageOf,
  SwitchInstitution,
} from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { Public, SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { PasskeyCookie } from "./passkey-cookie.js";
import { Passkeys } from "./passkeys.service.js";
import { SessionCookie } from "./session-cookie.js";
import { SessionFamilies } from "./session-families.service.js";
import { SignInService } from "./sign-in.service.js";

const SessionPath = z.strictObject({ id: idOf("session") });

@Controller("api/v1")
export class SessionController {
  constructor(
    private readonly service: SignInService,
    private readonly families: SessionFamilies,
    private readonly cookie: SessionCookie,
    private readonly passkeys: Passkeys,
    private readonly passkeyCookie: PasskeyCookie,
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
    const { secret, csrfToken } = await this.service.signIn(body, request.ip, request.id, this.passkeyCookie.read(request));
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  /** What a passkey signs, to sign in alone or after the password. */
  @Public()
  @Post("auth/passkey/options")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: PasskeyOptions })
  async passkeyOptions(@Res({ passthrough: true }) reply: FastifyReply): Promise<PasskeyOptions> {
    const { options, browser } = await this.passkeys.beginSignIn();
    this.passkeyCookie.write(reply, browser);
    return options;
  }

  @Public()
  @Post("auth/passkey")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: LoginAnswer })
  async passkey(
    @Body({ schema: PasskeySignIn }) body: PasskeySignIn,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string }> {
    const browser = this.passkeyCookie.read(request);
    const { secret, csrfToken } = await this.service.signInByPasskey(body, request.ip, request.id, browser);
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  /** Signs in to another institution beside this one, with that account's own proof. */
  @SignedIn()
  @Post("auth/join")
  @AnsweredOnce()
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: LoginAnswer })
  async join(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: LoginRequest }) body: LoginRequest,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string }> {
    const { secret, csrfToken } = await this.families.join(viewer, credential, body, request.ip, this.passkeyCookie.read(request));
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  @SignedIn()
  @Post("auth/join/passkey")
  @AnsweredOnce()
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: LoginAnswer })
  async joinByPasskey(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: PasskeySignIn }) body: PasskeySignIn,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string }> {
    const browser = this.passkeyCookie.read(request);
    const { secret, csrfToken } = await this.families.joinByPasskey(viewer, credential, body, request.ip, browser);
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  @SignedIn({ withOneTimePassword: true })
  @Post("auth/switch")
  @AnsweredOnce()
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: LoginAnswer })
  async goOver(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: SwitchInstitution }) { institution }: SwitchInstitution,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ csrfToken: string }> {
    const { secret, csrfToken } = await this.families.goOver(viewer, credential, institution);
    this.cookie.write(reply, secret);
    return { csrfToken };
  }

  @SignedIn({ withOneTimePassword: true })
  @Get("me/sessions")
  @ApiResponse({ status: 200, standardSchema: pageOf(OwnSession) })
  sessions(@CurrentViewer() viewer: Viewer, @CurrentCredential() credential: Credential): Promise<Page<OwnSession>> {
    return this.families.list(viewer, credential);
  }

  @SignedIn({ withOneTimePassword: true })
  @Delete("me/sessions/:id")
  @HttpCode(204)
  async endSession(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Param({ schema: SessionPath }) { id }: z.infer<typeof SessionPath>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (await this.families.end(viewer, credential, id)) this.cookie.clear(reply);
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
