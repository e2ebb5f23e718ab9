import { Injectable } from "@nestjs/common";
import type { ProviderKind } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Authentication } from "../identity/authentication.js";
import { SessionCookie } from "../identity/session-cookie.js";
import { onTheWayTo, SignInRefused } from "./asserted.js";
import { BrowserCookie } from "./browser-cookie.js";
import type { Provider } from "./provider-row.js";
import { ProviderSignOut } from "./provider-sign-out.service.js";
import { type Arrival, type Returning, SignInTrips } from "./sign-in-trips.service.js";

/** What browsers get to see of a trip: cookies, and redirections to the provider, into the console, or back to the sign-in page. */
@Injectable()
export class BrowserTrips {
  constructor(
    private readonly trips: SignInTrips,
    private readonly signOut: ProviderSignOut,
    private readonly browserCookie: BrowserCookie,
    private readonly sessionCookie: SessionCookie,
    private readonly authentication: Authentication,
  ) {}

  async start(kind: ProviderKind, id: string, returnTo: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.within(kind, id, request, reply, async (provider) => {
      const { url, browser } = await onTheWayTo(returnTo, this.trips.depart(provider, returnTo));
      this.browserCookie.write(reply, browser);
      return url.href;
    });
  }

  /** Ends a trip in this browser: the cookie of the trip goes, that of a session comes. */
  async finish(
    kind: ProviderKind,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
    arrive: (provider: Provider, back: Returning) => Promise<Arrival>,
  ): Promise<void> {
    this.browserCookie.clear(reply);
    await this.within(kind, id, request, reply, async (provider) => {
      const sessionId = await this.sessionOf(request);
      const back = { browser: this.browserCookie.read(request), sessionId, requestId: request.id };
      const { returnTo, session } = await arrive(provider, back);
      if (session !== null) this.sessionCookie.write(reply, session.secret);
      return returnTo;
    });
  }

  /** From here on to sign out at the provider. Whoever has no ticket is out here all the same. */
  async leave(id: string, ticket: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.outside(id, reply, async (provider) => (await this.signOut.depart(provider, ticket, this.browserCookie.read(request))).href);
  }

  /** Back from signing out there. */
  async left(id: string, state: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.browserCookie.clear(reply);
    await this.outside(id, reply, async (provider) => {
      await this.signOut.arrive(provider, state, this.browserCookie.read(request));
      return `/login?${new URLSearchParams({ signedOut: "there", institution: provider.institutionSlug })}`;
    });
  }

  /** Nobody is signed in, so nothing is refused: where there is no way on, the sign-in page is. */
  private async outside(id: string, reply: FastifyReply, work: (provider: Provider) => Promise<string>): Promise<void> {
    void reply.header("cache-control", "no-store");
    const place = await this.trips
      .provider("oidc", id)
      .then(work)
      .catch((error: unknown) => {
        if (error instanceof SignInRefused) return "/login";
        throw error;
      });
    await reply.redirect(place, 303);
  }

  /** Redirects to where the work says, or to the sign-in page with the reason why not. Nothing of a trip is kept by caches. */
  async within(
    kind: ProviderKind,
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
    work: (provider: Provider) => Promise<string>,
  ): Promise<void> {
    void reply.header("cache-control", "no-store");
    let provider: Provider | null = null;
    try {
      provider = await this.trips.provider(kind, id);
      await reply.redirect(await work(provider), 303);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      await this.trips.noteRefusal(provider, error, request.ip);
      const query = new URLSearchParams({
        refused: error.code,
        ...(provider ? { institution: provider.institutionSlug } : {}),
        ...(error.returnTo === null || error.returnTo === "/" ? {} : { next: error.returnTo }),
      });
      await reply.redirect(`/login?${query}`, 303);
    }
  }

  private async sessionOf(request: FastifyRequest): Promise<string | null> {
    if (this.sessionCookie.read(request) === undefined) return null;
    const found = await this.authentication.of(request).catch(() => null);
    return found?.credential.kind === "session" ? found.credential.id : null;
  }
}
