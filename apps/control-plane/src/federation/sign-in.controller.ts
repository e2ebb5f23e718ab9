import { Get, Param, Query, Req, Res } from "@nestjs/common";
import { idOf, type ProviderKind } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { BrowserTrips } from "./browser-trips.js";
import { ReturnTo } from "./own-path.js";

export const ProviderPath = z.strictObject({ id: idOf("identityProvider") });
export type ProviderPath = z.infer<typeof ProviderPath>;
/** Providers add what they like where they send people here by an address of ours. */
const StartQuery = z.looseObject({ returnTo: ReturnTo });
type StartQuery = z.infer<typeof StartQuery>;

/** What a browser finds of a provider, whatever it speaks: where a sign-in begins. */
export abstract class SignInController {
  protected abstract readonly kind: ProviderKind;
  protected abstract readonly browsers: BrowserTrips;

  @Get("start")
  start(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: StartQuery }) { returnTo }: StartQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.start(this.kind, id, returnTo, request, reply);
  }
}
