import { Injectable, Logger } from "@nestjs/common";
import type { ProviderKind } from "@ziggurat/contracts";
import { hashOf, newSecret } from "../identity/secrets.js";
import type { OpenedSession } from "../identity/sign-in.service.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { Asserted, onTheWayTo, SignInRefused } from "./asserted.js";
import { FederatedSignIn } from "./federated-sign-in.service.js";
import { OidcClients } from "./oidc-clients.js";
import type { Provider } from "./provider-row.js";
import { ProviderSignOut } from "./provider-sign-out.service.js";
import { ProvidersRepository } from "./providers.repository.js";
import { SamlClients } from "./saml-clients.js";
import { envelopeOf } from "./saml-envelope.js";
import { type PendingSignIn, SignInsRepository, tripOf } from "./sign-ins.repository.js";

const beforeSignIn = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Where a browser is sent, and the secret of the cookie it takes along. */
export interface Departure {
  readonly url: URL;
  readonly browser: string;
}
/** Where a browser goes on, and the session that it has now; none where an account was connected. */
export interface Arrival {
  readonly returnTo: string;
  readonly session: OpenedSession | null;
}
/** What is asked of the browser that comes back: the cookie, the session it may have, and what the provider sent with it. */
export interface Returning {
  readonly browser: string;
  readonly sessionId: string | null;
  readonly requestId: string;
}

/** A sign-in's trip through a browser to a provider and back; each trip is made once. */
@Injectable()
export class SignInTrips {
  private readonly logger = new Logger(SignInTrips.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly providers: ProvidersRepository,
    private readonly signIns: SignInsRepository,
    private readonly oidc: OidcClients,
    private readonly saml: SamlClients,
    private readonly entrance: FederatedSignIn,
    private readonly signOut: ProviderSignOut,
    private readonly keys: PlatformKeys,
  ) {}

  /** @throws SignInRefused `provider_unknown`, also for one that is there and not enabled */
  async provider(kind: ProviderKind, id: string): Promise<Provider> {
    const provider = await this.offered(id);
    if (provider === null || provider.kind !== kind) throw new SignInRefused("provider_unknown");
    return provider;
  }

  /** Whoever's it is; null where nobody may sign in through it. */
  async offered(id: string): Promise<Provider | null> {
    const provider = await this.unitOfWork.run(beforeSignIn, (tx) => this.providers.find(tx, id));
    return provider?.isEnabled ? provider : null;
  }

  async depart(provider: Provider, returnTo: string, asker: PendingSignIn["asker"] = null): Promise<Departure> {
    const state = newSecret();
    const browser = newSecret();
    const { url, secrets } = await this.begin(provider, state);
    const pending = {
      providerId: provider.id,
      institutionId: provider.institutionId,
      secrets: this.keys.vault.close(JSON.stringify(secrets), tripOf(hashOf(state))),
      returnTo,
      asker,
    };
    await this.unitOfWork.run(beforeSignIn, (tx) => this.signIns.insert(tx, hashOf(state), hashOf(browser), pending));
    return { url, browser };
  }

  /** Back from an OpenID provider. @param query of the address, as it came */
  async arriveByCode(provider: Provider, state: string, query: string, back: Returning): Promise<Arrival> {
    const pending = await this.take(provider, state, back);
    const { nonce, verifier } = this.open(pending, hashOf(state));
    const said = this.oidc.complete(provider, query, { state, nonce: nonce ?? "", verifier: verifier ?? "" });
    return onTheWayTo(
      pending.returnTo,
      said.then((asserted) => this.arrive(provider, pending, asserted, back)),
    );
  }

  /**
   * A SAML provider's page posts from elsewhere, and the browser sends no cookie with that. What it says is verified and kept under a
   * ticket, with which the browser comes back by itself and brings its cookie.
   */
  async receive(provider: Provider, relayState: string, samlResponse: string): Promise<string> {
    const stateHash = hashOf(relayState);
    const pending = await this.unitOfWork.run(beforeSignIn, (tx) => this.signIns.find(tx, provider.id, stateHash));
    if (pending === null) throw new SignInRefused(envelopeOf(samlResponse).isAnswer ? "state" : "unsolicited");
    const said = this.saml.verify(provider, samlResponse, this.open(pending, stateHash).requestId ?? "").catch(async (error: unknown) => {
      // One answer to each request, also where it does not hold: nobody finds out by trying what an altered one would be.
      await this.unitOfWork.run(beforeSignIn, (tx) => this.signIns.drop(tx, stateHash));
      throw error;
    });
    const { asserted, assertionId, until } = await onTheWayTo(pending.returnTo, said);
    const ticket = newSecret();
    const secrets = this.keys.vault.close(JSON.stringify({ asserted }), tripOf(hashOf(ticket)));
    const isFirst = await this.unitOfWork.run(
      beforeSignIn,
      async (tx) =>
        (await this.signIns.spend(tx, provider, assertionId, until)) && (await this.signIns.rename(tx, stateHash, hashOf(ticket), secrets)),
    );
    if (!isFirst) throw new SignInRefused("assertion", "the assertion was used before");
    return ticket;
  }

  async arriveByTicket(provider: Provider, ticket: string, back: Returning): Promise<Arrival> {
    const pending = await this.take(provider, ticket, back);
    const asserted = Asserted.safeParse(this.open(pending, hashOf(ticket)).asserted);
    if (!asserted.success) throw new SignInRefused("state");
    return onTheWayTo(pending.returnTo, this.arrive(provider, pending, asserted.data, back));
  }

  /** Writes down that a sign-in came to nothing, in the log of the provider's institution. */
  async noteRefusal(provider: Provider | null, refused: SignInRefused, address: string): Promise<void> {
    // It would tell the institution that its member has an account elsewhere, and nothing was tried that was not theirs.
    if (refused.code === "institution_open") return;
    const reason = `${refused.code} (${refused.detail}) through ${provider?.name ?? "a provider that is not there"}, from ${address}`;
    this.logger.log({ event: "sign-in refused", provider: provider?.id, code: refused.code });
    await this.unitOfWork.run(beforeSignIn, (tx) =>
      tx.audit({
        institutionId: provider?.institutionId ?? PLATFORM_ID,
        action: "session.refused",
        object: provider?.id ?? "nobody",
        reason,
      }),
    );
  }

  private async begin(provider: Provider, state: string): Promise<{ readonly url: URL; readonly secrets: Secrets }> {
    if (provider.kind === "saml") {
      const { url, requestId } = await this.saml.begin(provider, state);
      return { url, secrets: { requestId } };
    }
    const { url, nonce, verifier } = await this.oidc.begin(provider, state);
    return { url, secrets: { nonce, verifier } };
  }

  private async take(provider: Provider, state: string, { browser }: Returning): Promise<PendingSignIn> {
    const pending = await this.unitOfWork.run(beforeSignIn, (tx) => this.signIns.take(tx, provider.id, hashOf(state), hashOf(browser)));
    if (pending === null) throw new SignInRefused("state");
    return pending;
  }

  private async arrive(provider: Provider, pending: PendingSignIn, asserted: Asserted, back: Returning): Promise<Arrival> {
    const { returnTo, asker } = pending;
    if (asker === null) return { returnTo, session: await this.entered(this.entrance.enter(provider, asserted, back.requestId), asserted) };
    // Only the very session that asked for it, so that nobody connects theirs with somebody else's, or opens theirs beside somebody else's.
    if (asker.sessionId !== back.sessionId) throw new SignInRefused("state", "another session");
    if (asker.purpose === "join")
      return { returnTo, session: await this.entered(this.entrance.join(provider, asserted, asker, back.requestId), asserted) };
    await this.entrance.link(provider, asserted, asker.userId, back.requestId);
    return { returnTo, session: null };
  }

  /** What the provider said of the sign-in is kept with the session, so that signing out can go on there. */
  private async entered(entering: Promise<OpenedSession>, { idToken }: Asserted): Promise<OpenedSession> {
    const session = await entering;
    await this.signOut.remember(session.id, idToken);
    return session;
  }

  private open({ secrets }: PendingSignIn, stateHash: string): Secrets {
    return JSON.parse(this.keys.vault.open(secrets, tripOf(stateHash)));
  }
}

/** What a trip must not be without, by its kind. */
interface Secrets {
  readonly nonce?: string;
  readonly verifier?: string;
  readonly requestId?: string;
  readonly asserted?: unknown;
}
