import { Body, Controller, Get, Header, HttpCode, Param, Post, Query, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { idOf } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Public } from "../platform/http/access.js";
import { BackChannelLogout } from "./back-channel-logout.service.js";
import { BrowserTrips } from "./browser-trips.js";
import { ReturnTo } from "./own-path.js";
import { SignInTrips } from "./sign-in-trips.service.js";

export const ProviderPath = z.strictObject({ id: idOf("identityProvider") });
export type ProviderPath = z.infer<typeof ProviderPath>;
export const StartQuery = z.strictObject({ returnTo: ReturnTo });
export type StartQuery = z.infer<typeof StartQuery>;
/** Providers add what they like. */
const CallbackQuery = z.looseObject({ state: z.string().max(200).default("") });
type CallbackQuery = z.infer<typeof CallbackQuery>;
const LogoutForm = z.looseObject({ logout_token: z.string().max(20_000) });
type LogoutForm = z.infer<typeof LogoutForm>;

/** Signing in through an OpenID provider, by browsers; and being told by it that somebody has signed out. */
@Public()
@ApiExcludeController()
@Controller("auth/oidc/:id")
export class OidcController {
  constructor(
    private readonly browsers: BrowserTrips,
    private readonly trips: SignInTrips,
    private readonly logout: BackChannelLogout,
  ) {}

  @Get("start")
  start(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: StartQuery }) { returnTo }: StartQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.start("oidc", id, returnTo, request, reply);
  }

  @Get("callback")
  callback(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: CallbackQuery }) { state }: CallbackQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const query = request.url.slice(request.url.indexOf("?"));
    return this.browsers.finish("oidc", id, request, reply, (provider, back) => this.trips.arriveByCode(provider, state, query, back));
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
