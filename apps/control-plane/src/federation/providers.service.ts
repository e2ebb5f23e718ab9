import { Injectable } from "@nestjs/common";
import type {
  AddIdentityProvider,
  FoundProviders,
  IdentityProvider,
  Institution,
  Page,
  PageQuery,
  ProviderCheck,
  UpdateIdentityProvider,
} from "@ziggurat/contracts";
import { GroupRoles } from "@ziggurat/contracts";
import { adminRole } from "../institutions/check-membership.js";
import { Grants } from "../institutions/grants.service.js";
import { InstitutionsService } from "../institutions/institutions.service.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { SignInRefused } from "./asserted.js";
import { checkProvider, grantsOf } from "./check-provider.js";
import { OidcClients } from "./oidc-clients.js";
import { OutsideFetch } from "./outside-fetch.js";
import { type Provider, secretOf, shownProvider } from "./provider-row.js";
import { type NewProvider, ProvidersRepository } from "./providers.repository.js";

const beforeSignIn = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Providers that an institution's people sign in through, set up by its own administrators. */
@Injectable()
export class Providers {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly institutions: InstitutionsService,
    private readonly grants: Grants,
    private readonly providers: ProvidersRepository,
    private readonly oidc: OidcClients,
    private readonly outside: OutsideFetch,
    private readonly keys: PlatformKeys,
    private readonly cursors: Cursors,
    private readonly publicAddress: PublicAddress,
  ) {}

  /** For the sign-in page. An institution that is not there answers as one without providers. */
  async offered(slug: string): Promise<FoundProviders> {
    return { providers: await this.unitOfWork.run(beforeSignIn, (tx) => this.providers.offered(tx, slug)) };
  }

  async list(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<IdentityProvider>> {
    const { id } = await this.own(viewer, slug);
    const binding = boundTo(viewer, `identity-providers?of=${slug}`);
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.providers.list(tx, id, limit + 1, String(after));
      const total = include === "total" ? { total: await this.providers.count(tx, id) } : {};
      return { ...this.cursors.page(rows.map(this.shown), limit, binding, (row) => [row.id]), ...total };
    });
  }

  async add(viewer: Viewer, slug: string, request: AddIdentityProvider): Promise<IdentityProvider> {
    const institution = await this.own(viewer, slug);
    const asked = this.newProvider(institution, request);
    return this.unitOfWork.run(viewer, async (tx) => {
      const provider = await this.checked(tx, institution, asked, []);
      await this.providers.insert(tx, provider);
      const made = this.shown(await this.found(tx, institution, provider.id));
      await tx.audit({ institutionId: institution.id, action: "identity_provider.add", object: provider.id, after: made });
      return made;
    });
  }

  /** Who signed in through a provider is signed out when it is disabled, or becomes another one. */
  async update(viewer: Viewer, slug: string, id: string, request: UpdateIdentityProvider): Promise<IdentityProvider> {
    const institution = await this.own(viewer, slug);
    return this.unitOfWork.run(viewer, async (tx) => {
      const before = await this.found(tx, institution, id);
      refuseIfAny(misplaced(before, request));
      const after = await this.checked(tx, institution, this.changed(before, request), before.mapping);
      await this.providers.update(tx, after);
      if ((before.isEnabled && !after.isEnabled) || before.issuer !== after.issuer) await this.providers.endSessions(tx, id);
      const shown = this.shown(await this.found(tx, institution, id));
      const isNewSecret = request.clientSecret !== undefined;
      await tx.audit({
        institutionId: institution.id,
        action: "identity_provider.update",
        object: id,
        before: this.shown(before),
        after: shown,
        reason: isNewSecret ? "with a new client secret" : "",
      });
      return shown;
    });
  }

  /** Asks the provider now, as a sign-in would. */
  async test(viewer: Viewer, slug: string, id: string): Promise<ProviderCheck> {
    const institution = await this.own(viewer, slug);
    const provider = await this.unitOfWork.run(viewer, (tx) => this.found(tx, institution, id));
    if (provider.kind === "saml")
      return { isUsable: true, findings: [{ code: "not_asked", detail: "a SAML provider is not asked before somebody signs in" }] };
    try {
      const metadata = (await this.oidc.discover(provider, true)).configuration.serverMetadata();
      const lacks = [
        metadata.authorization_endpoint === undefined ? { code: "no_sign_in", detail: "it names no address to sign in at" } : null,
        metadata.jwks_uri === undefined ? { code: "no_keys", detail: "it publishes no keys to verify signatures with" } : null,
      ].filter((finding) => finding !== null);
      const notes = metadata.backchannel_logout_supported === true ? [] : [NO_LOGOUT];
      return { isUsable: lacks.length === 0, findings: [...lacks, ...notes] };
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      return { isUsable: false, findings: [{ code: "provider_unreachable", detail: error.detail }] };
    }
  }

  /** Of one's own institution only: what people sign in with is nobody else's business, not even the platform's. */
  async own(viewer: Viewer, slug: string): Promise<Institution> {
    const institution = await this.institutions.get(viewer, slug);
    if (institution.id !== viewer.institutionId || !hasRole(viewer, adminRole(slug))) {
      throw new Refusal("denied", "Sign-in providers are set up by administrators of the institution itself.");
    }
    return institution;
  }

  async found(tx: Tx, institution: Institution, id: string): Promise<Provider> {
    const provider = await this.providers.lock(tx, institution.id, id);
    if (provider === null) throw hidden();
    return provider;
  }

  private readonly shown = (provider: Provider): IdentityProvider => shownProvider(provider, this.publicAddress.url);

  /** As it is saved: what its groups give is whole, and no more than whoever says so may give. @param before what they gave until now */
  private async checked(tx: Tx, institution: Institution, provider: NewProvider, before: readonly GroupRoles[]): Promise<NewProvider> {
    const given = grantsOf(provider.mapping, before);
    const { violations } = await this.grants.judge(tx, institution, given, "group");
    refuseIfAny([...checkProvider(provider, (url) => this.outside.isTrusted(url)), ...violations]);
    const mapping = given.map(({ group, wanted: { tiers, ...held } }) => GroupRoles.parse({ group, ...held, ...(tiers && { tiers }) }));
    return { ...provider, mapping };
  }

  private newProvider(institution: Institution, request: AddIdentityProvider): NewProvider {
    const { kind, name, issuer, groupsClaim, mapping, isEnabled } = request;
    const common = {
      id: newId("identityProvider"),
      institutionId: institution.id,
      kind,
      name,
      issuer,
      groupsClaim,
      mapping,
      isEnabled,
      isConfigured: false,
    };
    if (request.kind === "saml") {
      const { signInUrl, certificate } = request;
      return { ...common, clientSecret: null, settings: { clientId: null, scopes: [], signInUrl, certificate } };
    }
    const { clientId, scopes, clientSecret } = request;
    const settings = { clientId, scopes, signInUrl: null, certificate: null };
    return { ...common, clientSecret: this.keys.vault.close(clientSecret, secretOf(common.id)), settings };
  }

  private changed(before: Provider, request: UpdateIdentityProvider): Provider {
    const { settings } = before;
    return {
      ...before,
      name: request.name ?? before.name,
      issuer: request.issuer ?? before.issuer,
      groupsClaim: request.groupsClaim ?? before.groupsClaim,
      mapping: request.mapping ?? before.mapping,
      isEnabled: request.isEnabled ?? before.isEnabled,
      clientSecret:
        request.clientSecret === undefined ? before.clientSecret : this.keys.vault.close(request.clientSecret, secretOf(before.id)),
      settings: {
        clientId: request.clientId ?? settings.clientId,
        scopes: request.scopes ?? settings.scopes,
        signInUrl: request.signInUrl ?? settings.signInUrl,
        certificate: request.certificate ?? settings.certificate,
      },
    };
  }
}

const NO_LOGOUT = { code: "no_back_channel_logout", detail: "it does not say that it tells of people who sign out" };
const OF_OIDC = ["clientId", "clientSecret", "scopes"] as const;
const OF_SAML = ["signInUrl", "certificate"] as const;

/** What another kind of provider has, or what the operator's variables say. */
function misplaced(provider: Provider, request: UpdateIdentityProvider) {
  const strange = provider.kind === "oidc" ? OF_SAML : OF_OIDC;
  const fixed = provider.isConfigured ? (["name", "issuer", "groupsClaim", "isEnabled", ...OF_OIDC] as const) : [];
  return [
    ...strange
      .filter((field) => request[field] !== undefined)
      .map((field) => ({ code: "provider_kind", detail: `${field} is not for providers of this kind`, pointer: `/${field}` })),
    ...fixed
      .filter((field) => request[field] !== undefined)
      .map((field) => ({ code: "configured", detail: `${field} is set by the operator's variables`, pointer: `/${field}` })),
  ];
}
