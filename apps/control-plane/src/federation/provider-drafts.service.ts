import { Injectable } from "@nestjs/common";
import type { AddIdentityProvider, UpdateIdentityProvider, Violation } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { makeEncryptionKey } from "./encryption-key.js";
import { type Provider, ProviderSettings, secretOf } from "./provider-row.js";
import type { NewProvider } from "./providers.repository.js";

/** Providers as they would be saved: what was asked for beside what was there, with secrets closed. */
@Injectable()
export class ProviderDrafts {
  constructor(private readonly keys: PlatformKeys) {}

  async made(institutionId: string, request: AddIdentityProvider): Promise<NewProvider> {
    const { kind, name, issuer, groupsClaim, mapping, isEnabled } = request;
    const common = {
      id: newId("identityProvider"),
      institutionId,
      kind,
      name,
      issuer,
      groupsClaim,
      mapping,
      isEnabled,
      isConfigured: false,
    };
    if (request.kind === "saml") {
      const { signInUrl, certificate, isEncryptionRequired } = request;
      const { secret, encryptionCertificate } = await this.encryptionKey(common.id);
      return {
        ...common,
        secret,
        settings: ProviderSettings.parse({ signInUrl, certificate, isEncryptionRequired, encryptionCertificate }),
      };
    }
    const { clientId, scopes, clientSecret } = request;
    return { ...common, secret: this.close(clientSecret, common.id), settings: ProviderSettings.parse({ clientId, scopes }) };
  }

  /** A SAML provider from before there was encryption is given its key at the first change. */
  async changed(before: Provider, request: UpdateIdentityProvider): Promise<NewProvider> {
    const { settings } = before;
    const makesKey = before.kind === "saml" && (before.secret === null || request.renewEncryptionKey === true);
    const key = makesKey
      ? await this.encryptionKey(before.id)
      : { secret: before.secret, encryptionCertificate: settings.encryptionCertificate };
    return {
      ...before,
      name: request.name ?? before.name,
      issuer: request.issuer ?? before.issuer,
      groupsClaim: request.groupsClaim ?? before.groupsClaim,
      mapping: request.mapping ?? before.mapping,
      isEnabled: request.isEnabled ?? before.isEnabled,
      secret: request.clientSecret === undefined ? key.secret : this.close(request.clientSecret, before.id),
      settings: {
        clientId: request.clientId ?? settings.clientId,
        scopes: request.scopes ?? settings.scopes,
        signInUrl: request.signInUrl ?? settings.signInUrl,
        certificate: request.certificate ?? settings.certificate,
        isEncryptionRequired: request.isEncryptionRequired ?? settings.isEncryptionRequired,
        encryptionCertificate: key.encryptionCertificate,
      },
    };
  }

  private async encryptionKey(providerId: string) {
    const { privateKey, certificate } = await makeEncryptionKey();
    return { secret: this.close(privateKey, providerId), encryptionCertificate: certificate };
  }

  private close(secret: string, providerId: string): string {
    return this.keys.vault.close(secret, secretOf(providerId));
  }
}

const OF_OIDC = ["clientId", "clientSecret", "scopes"] as const;
const OF_SAML = ["signInUrl", "certificate", "isEncryptionRequired", "renewEncryptionKey"] as const;

/** What another kind of provider has, or what the operator's variables say. */
export function misplaced(provider: Provider, request: UpdateIdentityProvider): Violation[] {
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
