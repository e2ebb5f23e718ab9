import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Public } from "../platform/http/access.js";
import { BackChannelLogout } from "./back-channel-logout.service.js";
import { BrowserTrips } from "./browser-trips.js";
import { ProviderPath, SignInController } from "./sign-in.controller.js";
import { SignInTrips } from "./sign-in-trips.service.js";

/** Providers add what they like. */
const BackQuery = z.looseObject({ state: z.string().max(200).default("") });
type BackQuery = z.infer<typeof BackQuery>;
const SignOutQuery = z.strictObject({ ticket: z.string().max(200) });
type SignOutQuery = z.infer<typeof SignOutQuery>;
const LogoutForm = z.looseObject({ logout_token: z.string().max(20_000) });
type LogoutForm = z.infer<typeof LogoutForm>;

/** Signing in and out through an OpenID provider, by browsers; and being told by it that somebody has signed out. */
@Public()
@ApiExcludeController()
@Controller("auth/oidc/:id")
export class OidcController extends SignInController {
  protected readonly kind = "oidc";

  constructor(
    protected readonly browsers: BrowserTrips,
    private readonly trips: SignInTrips,
    private readonly logout: BackChannelLogout,
  ) {
    super();
  }

  @Get("callback")
  callback(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: BackQuery }) { state }: BackQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const query = request.url.slice(request.url.indexOf("?"));
    return this.browsers.finish(this.kind, id, request, reply, (provider, back) => this.trips.arriveByCode(provider, state, query, back));
  }

  /** Whoever has signed out here goes on to sign out at the provider (RP-Initiated Logout 1.0, section 2). */
  @Get("sign-out")
  signOut(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: SignOutQuery }) { ticket }: SignOutQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.leave(id, ticket, request, reply);
  }

  /** Back from there (section 3). */
  @Get("signed-out")
  signedOut(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: BackQuery }) { state }: BackQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.left(id, state, request, reply);
  }

  /** OpenID Connect Back-Channel Logout 1.0, section 2.8: 200 when it is done, 400 when the token is not taken. */
  @Post("backchannel-logout")
  @HttpCode(200)
  @Header("cache-control", "no-store")
  async backChannelLogout(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Body({ schema: LogoutForm }) { logout_token }: LogoutForm,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.logout.take(id, logout_token, request.ip);
  }
}
