import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { AddedPasskey, AddPasskey, idOf, Passkeys as Listed, PasskeyOptions, RemovePasskey, StartPasskey } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { PasskeyCookie } from "./passkey-cookie.js";
import { Passkeys } from "./passkeys.service.js";

const PasskeyPath = z.strictObject({ id: idOf("passkey") });

@SignedIn()
@Controller("api/v1/me/passkeys")
export class PasskeysController {
  constructor(
    private readonly passkeys: Passkeys,
    private readonly cookie: PasskeyCookie,
  ) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: Listed })
  list(@CurrentViewer() viewer: Viewer): Promise<Listed> {
    return this.passkeys.list(viewer);
  }

  @Post("options")
  @HttpCode(200)
  @AnsweredOnce()
  @ApiResponse({ status: 200, standardSchema: PasskeyOptions })
  async begin(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: StartPasskey }) body: StartPasskey,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PasskeyOptions> {
    const { options, browser } = await this.passkeys.begin(viewer, credential, body);
    this.cookie.write(reply, browser);
    return options;
  }

  @Post()
  @AnsweredOnce()
  @ApiResponse({ status: 201, standardSchema: AddedPasskey })
  add(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Req() request: FastifyRequest,
    @Body({ schema: AddPasskey }) body: AddPasskey,
  ): Promise<AddedPasskey> {
    return this.passkeys.add(viewer, credential, this.cookie.read(request), body);
  }

  @Post(":id/remove")
  @HttpCode(204)
  remove(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Req() request: FastifyRequest,
    @Param({ schema: PasskeyPath }) { id }: z.infer<typeof PasskeyPath>,
    @Body({ schema: RemovePasskey }) body: RemovePasskey,
  ): Promise<void> {
    return this.passkeys.remove(viewer, credential, this.cookie.read(request), id, body);
  }
}
