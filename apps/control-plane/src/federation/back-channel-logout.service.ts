import { Injectable } from "@nestjs/common";
import { jwtVerify } from "jose";
import { z } from "zod";
import { SessionsRepository } from "../identity/sessions.repository.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Refusal } from "../platform/errors/refusal.js";
import { SignInRefused } from "./asserted.js";
import { IdentitiesRepository } from "./identities.repository.js";
import { OidcClients, reasonOf, SIGNATURES } from "./oidc-clients.js";
import type { Provider } from "./provider-row.js";
import { SignInTrips } from "./sign-in-trips.service.js";
import { SignInsRepository } from "./sign-ins.repository.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const CLOCK_SECONDS = 30;
/** A logout token counts no longer than this after it was made, whatever it says of itself. */
const LONGEST_SECONDS = 5 * 60;

/** Beside what the library checks: section 2.6 of OpenID Connect Back-Channel Logout 1.0. */
const LogoutClaims = z
  .looseObject({
    jti: z.string().min(1).max(500),
    sub: z.string().optional(),
    sid: z.string().optional(),
    events: z.looseObject({ [EVENT]: z.looseObject({}) }),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, "neither sub nor sid")
  .refine((claims) => !("nonce" in claims), "a nonce, which only ID tokens have");

const atSignOut = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-out");

/** A provider says that somebody has signed out, or has left: the sessions it opened end here. */
@Injectable()
export class BackChannelLogout {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly trips: SignInTrips,
    private readonly oidc: OidcClients,
    private readonly identities: IdentitiesRepository,
    private readonly signIns: SignInsRepository,
    private readonly sessions: SessionsRepository,
  ) {}

  /** @throws Refusal `invalid`, with nothing of why: whoever sent a token that does not hold learns nothing */
  async take(providerId: string, logoutToken: string, address: string): Promise<void> {
    const provider = await this.trips.provider("oidc", providerId).catch(() => null);
    if (provider === null) throw refused();
    try {
      await this.end(provider, await this.verify(provider, logoutToken));
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      await this.trips.noteRefusal(provider, error, address);
      throw refused();
    }
  }

  private async verify(provider: Provider, logoutToken: string) {
    const { configuration, keys } = await this.oidc.discover(provider);
    if (keys === null) throw new SignInRefused("assertion", "the provider publishes no keys");
    const verified = await jwtVerify(logoutToken, keys, {
      issuer: configuration.serverMetadata().issuer,
      audience: provider.settings.clientId ?? "",
      algorithms: SIGNATURES,
      requiredClaims: ["iat", "exp"],
      maxTokenAge: LONGEST_SECONDS,
      clockTolerance: CLOCK_SECONDS,
    }).catch((error: unknown) => {
      throw new SignInRefused("assertion", `logout token: ${reasonOf(error)}`);
    });
    const claims = LogoutClaims.safeParse(verified.payload);
    if (!claims.success) throw new SignInRefused("assertion", `logout token: ${claims.error.issues[0]?.message}`);
    return { ...claims.data, issuer: configuration.serverMetadata().issuer };
  }

  private async end(provider: Provider, { jti, sub, sid, issuer }: z.infer<typeof LogoutClaims> & { issuer: string }): Promise<void> {
    await this.unitOfWork.run(atSignOut, async (tx) => {
      const until = new Date(Date.now() + (LONGEST_SECONDS + 2 * CLOCK_SECONDS) * 1000);
      if (!(await this.signIns.spend(tx, provider, `logout ${jti}`, until))) {
        throw new SignInRefused("assertion", "logout token: used before");
      }
      const userId = sub === undefined ? null : await this.identities.owner(tx, provider.id, { issuer, subject: sub });
      // Somebody who never signed in here has no session to end; that is no error of the provider's.
      if (sub !== undefined && userId === null) return;
      const ended = await this.sessions.endOfProvider(tx, provider.id, sid ?? null, userId);
      await tx.auditAll(
        ended.map((object) => ({ institutionId: provider.institutionId, action: "session.end" as const, object, reason: provider.name })),
      );
    });
  }
}

function refused(): Refusal {
  return new Refusal("invalid", "This logout token is not taken.", [
    { code: "logout_token", detail: "not valid here", pointer: "/logout_token" },
  ]);
}
