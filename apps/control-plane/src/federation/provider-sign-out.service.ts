import { Injectable } from "@nestjs/common";
import { type LogoutAnswer, paths } from "@ziggurat/contracts";
import { hashOf, newSecret } from "../identity/secrets.js";
import { SessionsRepository, type SessionThere } from "../identity/sessions.repository.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { type Place, VaultClosed } from "../platform/keys/vault.js";
import { SignInRefused } from "./asserted.js";
import { OidcClients } from "./oidc-clients.js";
import type { Provider } from "./provider-row.js";
import { ProvidersRepository } from "./providers.repository.js";
import { SignInsRepository, tripOf } from "./sign-ins.repository.js";

const atSignOut = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-out");

/**
 * Who came through an OpenID provider may sign out there as well (OpenID Connect RP-Initiated Logout 1.0). It is offered and never done
 * unasked: at the provider it ends what opens every other program of the institution's.
 */
@Injectable()
export class ProviderSignOut {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsRepository,
    private readonly signIns: SignInsRepository,
    private readonly providers: ProvidersRepository,
    private readonly oidc: OidcClients,
    private readonly keys: PlatformKeys,
  ) {}

  /** Keeps what the provider is shown when the person signs out; null where it offers nothing of the kind. */
  async remember(sessionId: string, idToken: string | null): Promise<void> {
    if (idToken === null) return;
    const closed = this.keys.vault.close(idToken, sessionOf(sessionId));
    await this.unitOfWork.run(atSignOut, (tx) => this.sessions.keepIdToken(tx, sessionId, closed));
  }

  /** A way on for whoever ends this session, bound to the browser by a cookie. @returns null where there is none */
  async offer(sessionId: string): Promise<(LogoutAnswer & { readonly browser: string }) | null> {
    return this.unitOfWork.run(atSignOut, async (tx) => {
      const there = await this.sessions.openedThere(tx, sessionId);
      const provider = there === null ? null : await this.providers.find(tx, there.provider_id);
      if (there === null || provider === null || !provider.isEnabled) return null;
      const idToken = this.opened(there);
      if (idToken === null) return null;
      const [ticket, browser] = [newSecret(), newSecret()];
      await this.signIns.insert(tx, hashOf(ticket), hashOf(browser), this.pending(provider, ticket, { idToken }));
      return { provider: { name: provider.name, signOutPath: paths.providerSignOut(provider.id, ticket) }, browser };
    });
  }

  /** Where the browser goes to sign out at the provider; it comes back with a state of its own. @throws SignInRefused */
  async depart(provider: Provider, ticket: string, browser: string): Promise<URL> {
    const { idToken } = await this.take(provider, ticket, browser);
    if (idToken === undefined) throw new SignInRefused("state", "no sign-out");
    const state = newSecret();
    const url = await this.oidc.signOutUrl(provider, idToken, state);
    await this.unitOfWork.run(atSignOut, (tx) =>
      this.signIns.insert(tx, hashOf(state), hashOf(browser), this.pending(provider, state, { isSignedOut: true })),
    );
    return url;
  }

  /** Back from the provider. @throws SignInRefused where nobody in this browser had gone there */
  async arrive(provider: Provider, state: string, browser: string): Promise<void> {
    const { isSignedOut } = await this.take(provider, state, browser);
    if (isSignedOut !== true) throw new SignInRefused("state", "no sign-out");
  }

  /** Nobody is kept from signing out here by a key that is not at hand. */
  private opened({ id, id_token }: SessionThere): string | null {
    try {
      return this.keys.vault.open(id_token, sessionOf(id));
    } catch (error) {
      if (error instanceof VaultClosed) return null;
      throw error;
    }
  }

  private pending({ id, institutionId }: Provider, state: string, secrets: Secrets) {
    const closed = this.keys.vault.close(JSON.stringify(secrets), tripOf(hashOf(state)));
    return { providerId: id, institutionId, secrets: closed, returnTo: "/login", asker: null };
  }

  private async take(provider: Provider, state: string, browser: string): Promise<Secrets> {
    const pending = await this.unitOfWork.run(atSignOut, (tx) => this.signIns.take(tx, provider.id, hashOf(state), hashOf(browser)));
    if (pending === null) throw new SignInRefused("state");
    return JSON.parse(this.keys.vault.open(pending.secrets, tripOf(hashOf(state))));
  }
}

interface Secrets {
  readonly idToken?: string;
  readonly isSignedOut?: true;
}

/** Where the vault keeps what a provider said of a session. */
function sessionOf(sessionId: string): Place {
  return { table: "sessions", row: sessionId };
}
