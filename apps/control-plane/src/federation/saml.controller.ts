import { Body, Controller, Get, Param, Post, Query, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { paths } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { Public } from "../platform/http/access.js";
import { BrowserTrips } from "./browser-trips.js";
import { SamlClients } from "./saml-clients.js";
import { ProviderPath, SignInController } from "./sign-in.controller.js";
import { SignInTrips } from "./sign-in-trips.service.js";

const ResponseForm = z.looseObject({ SAMLResponse: z.string().max(500_000), RelayState: z.string().max(4000).default("") });
type ResponseForm = z.infer<typeof ResponseForm>;
const FinishQuery = z.strictObject({ ticket: z.string().max(200) });
type FinishQuery = z.infer<typeof FinishQuery>;

/** Signing in through a SAML 2.0 provider, by browsers. */
@Public()
@ApiExcludeController()
@Controller("auth/saml/:id")
export class SamlController extends SignInController {
  protected readonly kind = "saml";

  constructor(
    protected readonly browsers: BrowserTrips,
    private readonly trips: SignInTrips,
    private readonly saml: SamlClients,
  ) {
    super();
  }

  @Post("acs")
  receive(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Body({ schema: ResponseForm }) { SAMLResponse, RelayState }: ResponseForm,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.within(this.kind, id, request, reply, async (provider) =>
      paths.samlFinish(id, await this.trips.receive(provider, RelayState, SAMLResponse)),
    );
  }

  @Get("finish")
  finish(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Query({ schema: FinishQuery }) { ticket }: FinishQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.browsers.finish(this.kind, id, request, reply, (provider, back) => this.trips.arriveByTicket(provider, ticket, back));
  }

  @Get("metadata")
  async metadata(
    @Param({ schema: ProviderPath }) { id }: ProviderPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const provider = await this.trips.provider(this.kind, id).catch(() => null);
    if (provider === null) throw request.server.routeTable.refusalFor(request);
    await reply.type("application/samlmetadata+xml; charset=utf-8").send(this.saml.metadata(provider));
  }
}
