import { Controller, HttpCode, Post, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { LogoutAnswer } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import { SessionCookie } from "../identity/session-cookie.js";
import { SessionFamilies } from "../identity/session-families.service.js";
import type { Viewer } from "../platform/database/viewer.js";
import { SignedIn } from "../platform/http/access.js";
import { AnsweredOnce } from "../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../platform/http/current-viewer.js";
import { BrowserCookie } from "./browser-cookie.js";
import { ProviderSignOut } from "./provider-sign-out.service.js";

/** Signing out: here, and where a provider let the person in, an offer to go on there. */
@ApiTags("session")
@Controller("api/v1")
export class SignOutController {
  constructor(
    private readonly families: SessionFamilies,
    private readonly there: ProviderSignOut,
    private readonly cookie: SessionCookie,
    private readonly browserCookie: BrowserCookie,
  ) {}

  @SignedIn({ withOneTimePassword: true })
  @Post("auth/logout")
  @HttpCode(204)
  @AnsweredOnce()
  @ApiResponse({ status: 200, standardSchema: LogoutAnswer, description: "One may sign out at the provider as well." })
  @ApiResponse({ status: 204, description: "One is out, and there is nowhere else to sign out." })
  async logout(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LogoutAnswer | undefined> {
    const offer = credential.kind === "session" ? await this.there.offer(credential.id) : null;
    await this.families.signOut(viewer, credential);
    this.cookie.clear(reply);
    if (offer === null) return undefined;
    this.browserCookie.write(reply, offer.browser);
    reply.status(200);
    return { provider: offer.provider };
  }
}
