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
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { SignInRefused } from "./asserted.js";
import { checkProvider, grantsOf } from "./check-provider.js";
import { OidcClients } from "./oidc-clients.js";
import { OutsideFetch } from "./outside-fetch.js";
import { misplaced, ProviderDrafts } from "./provider-drafts.service.js";
import { type Provider, shownProvider } from "./provider-row.js";
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
    private readonly drafts: ProviderDrafts,
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
    const asked = await this.drafts.made(institution.id, request);
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
      const after = await this.checked(tx, institution, await this.drafts.changed(before, request), before.mapping);
      await this.providers.update(tx, after);
      if ((before.isEnabled && !after.isEnabled) || before.issuer !== after.issuer) await this.providers.endSessions(tx, id);
      const shown = this.shown(await this.found(tx, institution, id));
      const isNewSecret = before.secret !== after.secret;
      await tx.audit({
        institutionId: institution.id,
        action: "identity_provider.update",
        object: id,
        before: this.shown(before),
        after: shown,
        reason: isNewSecret ? `with a new ${before.kind === "oidc" ? "client secret" : "key to encrypt for"}` : "",
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
      const notes = [
        metadata.backchannel_logout_supported === true ? null : NO_LOGOUT,
        metadata.end_session_endpoint === undefined ? NO_SIGN_OUT : null,
      ].filter((finding) => finding !== null);
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
}

const NO_SIGN_OUT = { code: "no_sign_out", detail: "it names no address to sign out at" };
const NO_LOGOUT = { code: "no_back_channel_logout", detail: "it does not say that it tells of people who sign out" };
