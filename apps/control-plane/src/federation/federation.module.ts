import { Module } from "@nestjs/common";
import { IdentityModule } from "../identity/identity.module.js";
import { InstitutionsModule } from "../institutions/institutions.module.js";
import { BackChannelLogout } from "./back-channel-logout.service.js";
import { BrowserCookie } from "./browser-cookie.js";
import { BrowserTrips } from "./browser-trips.js";
import { ConfiguredProvider } from "./configured-provider.js";
import { FederatedSignIn } from "./federated-sign-in.service.js";
import { MemberIdentitiesController, MyIdentitiesController } from "./identities.controller.js";
import { IdentitiesRepository } from "./identities.repository.js";
import { Identities } from "./identities.service.js";
import { JoiningController } from "./joining.controller.js";
import { Joining } from "./joining.service.js";
import { OidcController } from "./oidc.controller.js";
import { OidcClients } from "./oidc-clients.js";
import { OutsideFetch } from "./outside-fetch.js";
import { ProviderDrafts } from "./provider-drafts.service.js";
import { ProviderSignOut } from "./provider-sign-out.service.js";
import { IdentityProvidersController, SignInProvidersController } from "./providers.controller.js";
import { ProvidersRepository } from "./providers.repository.js";
import { Providers } from "./providers.service.js";
import { SamlController } from "./saml.controller.js";
import { SamlClients } from "./saml-clients.js";
import { SignInTrips } from "./sign-in-trips.service.js";
import { SignInsRepository } from "./sign-ins.repository.js";
import { SignOutController } from "./sign-out.controller.js";

/** Signing in through a provider of one's own institution: OpenID Connect and SAML 2.0. */
@Module({
  imports: [IdentityModule, InstitutionsModule],
  controllers: [
    IdentityProvidersController,
    JoiningController,
    MemberIdentitiesController,
    MyIdentitiesController,
    OidcController,
    SamlController,
    SignInProvidersController,
    SignOutController,
  ],
  providers: [
    BackChannelLogout,
    BrowserCookie,
    BrowserTrips,
    ConfiguredProvider,
    FederatedSignIn,
    Identities,
    IdentitiesRepository,
    Joining,
    OidcClients,
    OutsideFetch,
    ProviderDrafts,
    ProviderSignOut,
    Providers,
    ProvidersRepository,
    SamlClients,
    SignInsRepository,
    SignInTrips,
  ],
})
export class FederationModule {}
