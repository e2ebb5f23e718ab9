import { Injectable } from "@nestjs/common";
import { paths } from "@ziggurat/contracts";
import { createRemoteJWKSet, customFetch as customJwksFetch, type JWTVerifyGetKey } from "jose";
import * as oidc from "openid-client";
import { PublicAddress } from "../platform/http/public-address.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { type Asserted, addressIn, firstText, SignInRefused, textsOf } from "./asserted.js";
import { OutsideFetch } from "./outside-fetch.js";
import type { Provider } from "./provider-row.js";
import { secretOf } from "./provider-row.js";

/** What was discovered is asked again after this, milliseconds. */
const KEPT_MS = 5 * 60_000;
const TIMEOUT_SECONDS = 10;
const CLOCK_SECONDS = 30;
/** Signatures that only the provider can make: `none` and shared secrets are not among them. */
export const SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

export interface Begun {
  readonly url: URL;
  readonly nonce: string;
  readonly verifier: string;
}
export interface Discovered {
  readonly configuration: oidc.Configuration;
  readonly keys: JWTVerifyGetKey | null;
}

/** Talks to OpenID providers: what they say of themselves, where people are sent, and who came back. */
@Injectable()
export class OidcClients {
  private readonly kept = new Map<string, Discovered & { readonly version: string; readonly at: number }>();

  constructor(
    private readonly outside: OutsideFetch,
    private readonly publicAddress: PublicAddress,
    private readonly keys: PlatformKeys,
  ) {}

  /** @throws SignInRefused `provider_unreachable` */
  async discover(provider: Provider, isFresh = false): Promise<Discovered> {
    const known = this.kept.get(provider.id);
    if (!isFresh && known !== undefined && known.version === provider.updatedAt && Date.now() - known.at < KEPT_MS) return known;
    const found = await this.ask(provider).catch((error: unknown) => {
      throw new SignInRefused("provider_unreachable", reasonOf(error));
    });
    this.kept.set(provider.id, { ...found, version: provider.updatedAt, at: Date.now() });
    return found;
  }

  /** Where the browser goes, with what it has to bring back. */
  async begin(provider: Provider, state: string): Promise<Begun> {
    const { configuration } = await this.discover(provider);
    const verifier = oidc.randomPKCECodeVerifier();
    const nonce = oidc.randomNonce();
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.callbackOf(provider),
      scope: [...new Set(["openid", ...provider.settings.scopes])].join(" "),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    return { url, nonce, verifier };
  }

  /**
   * Exchanges the code and verifies the ID token: signature, issuer, audience, times, nonce.
   * @param query of the address that the browser came back to
   */
  async complete(provider: Provider, query: string, expected: { state: string; nonce: string; verifier: string }): Promise<Asserted> {
    const { configuration } = await this.discover(provider);
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, new URL(`${this.callbackOf(provider)}${query}`), {
        expectedState: expected.state,
        expectedNonce: expected.nonce,
        pkceCodeVerifier: expected.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new SignInRefused("assertion", "no ID token");
      // Many providers keep their tokens short, and tell more when they are asked.
      const isWhole = claims.email !== undefined && claims[provider.groupsClaim] !== undefined;
      const asks = !isWhole && configuration.serverMetadata().userinfo_endpoint !== undefined;
      const more = asks ? await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
      const endsThere = configuration.serverMetadata().end_session_endpoint !== undefined;
      return { ...assertedOf(provider, { ...more, ...claims }), idToken: endsThere ? (tokens.id_token ?? null) : null };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** Where people sign out at the provider. @throws SignInRefused where there is no such place */
  async signOutUrl(provider: Provider, idToken: string, state: string): Promise<URL> {
    const { configuration } = await this.discover(provider);
    const { end_session_endpoint } = configuration.serverMetadata();
    if (end_session_endpoint === undefined || !this.isLet(new URL(end_session_endpoint))) throw new SignInRefused("provider_unreachable");
    const back = this.publicAddress.url + paths.providerSignedOut(provider.id);
    return oidc.buildEndSessionUrl(configuration, { id_token_hint: idToken, post_logout_redirect_uri: back, state });
  }

  private isLet(url: URL): boolean {
    return url.protocol === "https:" || this.outside.isTrusted(url);
  }

  private async ask(provider: Provider): Promise<Discovered> {
    const { issuer, settings } = provider;
    const url = new URL(issuer);
    const fetch: oidc.CustomFetch = (address, options) => this.outside.fetch(address, options);
    const secret = this.keys.vault.open(provider.secret ?? "", secretOf(provider.id));
    const client = { client_secret: secret, [oidc.clockTolerance]: CLOCK_SECONDS };
    const configuration = await oidc.discovery(url, settings.clientId ?? "", client, authenticationBy(secret), {
      execute: [oidc.enableNonRepudiationChecks, ...(this.outside.isTrusted(url) ? [oidc.allowInsecureRequests] : [])],
      [oidc.customFetch]: fetch,
      timeout: TIMEOUT_SECONDS,
    });
    configuration[oidc.customFetch] = fetch;
    configuration.timeout = TIMEOUT_SECONDS;
    const { jwks_uri } = configuration.serverMetadata();
    const keys = jwks_uri === undefined ? null : createRemoteJWKSet(new URL(jwks_uri), { [customJwksFetch]: fetchOf(this.outside) });
    return { configuration, keys };
  }

  private callbackOf({ id }: Provider): string {
    return this.publicAddress.url + paths.signInCallback("oidc", id);
  }
}

/** By header as every provider must be able to, or in the body where one says that it takes nothing else. */
const authenticationBy =
  (secret: string): oidc.ClientAuth =>
  (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    const by = methods.includes("client_secret_basic") ? oidc.ClientSecretBasic : oidc.ClientSecretPost;
    by(secret)(server, ...rest);
  };

const fetchOf =
  (outside: OutsideFetch) =>
  (address: string, { method, headers, signal }: { method: string; headers: Headers; signal: AbortSignal }): Promise<Response> =>
    outside.fetch(address, { method, headers, signal });

type Claims = Readonly<Record<string, unknown>>;

function assertedOf({ issuer, groupsClaim }: Provider, claims: Claims): Omit<Asserted, "idToken"> {
  const { sub, email, email_verified, sid } = claims;
  if (typeof sub !== "string") throw new SignInRefused("assertion", "no subject");
  return {
    issuer: firstText(claims.iss) ?? issuer,
    subject: sub,
    // An address that the provider itself doubts is none.
    email: email_verified === false ? null : addressIn(firstText(email)),
    isAddressProven: email_verified === true,
    name: firstText(claims.name, [claims.given_name, claims.family_name].filter(Boolean).join(" "), claims.preferred_username),
    groups: textsOf(claims[groupsClaim]),
    session: firstText(sid),
  };
}

/** What the library threw, by whose doing it is. */
function refusalOf(error: unknown): SignInRefused {
  if (error instanceof SignInRefused) return error;
  if (error instanceof oidc.AuthorizationResponseError) return new SignInRefused("provider_refused", error.error);
  if (error instanceof oidc.ResponseBodyError) return new SignInRefused("assertion", error.error);
  const reason = reasonOf(error);
  return new SignInRefused(/does not answer|is not asked|has no address/.test(reason) ? "provider_unreachable" : "assertion", reason);
}

/** In words without values: an error of the library may carry tokens as its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`.slice(0, 300);
}
