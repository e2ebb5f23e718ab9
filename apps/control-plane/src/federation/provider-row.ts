import { GroupRoles, IdentityProvider, type ProviderKind, paths } from "@ziggurat/contracts";
import { z } from "zod";
import type { Place } from "../platform/keys/vault.js";

/** A provider as sign-in needs it. Never answered to anyone. */
export interface Provider {
  readonly id: string;
  readonly institutionId: string;
  readonly institutionSlug: string;
  readonly kind: ProviderKind;
  readonly name: string;
  readonly issuer: string;
  readonly settings: ProviderSettings;
  /** OpenID Connect: the client secret. SAML: the key that opens assertions, where one was made. Closed by the vault. */
  readonly secret: string | null;
  readonly groupsClaim: string;
  readonly mapping: readonly GroupRoles[];
  readonly isEnabled: boolean;
  readonly isConfigured: boolean;
  readonly people: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What differs between the kinds. */
export const ProviderSettings = z.strictObject({
  clientId: z.string().nullable().default(null),
  scopes: z.array(z.string()).default([]),
  signInUrl: z.string().nullable().default(null),
  certificate: z.string().nullable().default(null),
  isEncryptionRequired: z.boolean().default(false),
  /** Of the key that opens assertions. */
  encryptionCertificate: z.string().nullable().default(null),
});
export type ProviderSettings = z.infer<typeof ProviderSettings>;

export interface ProviderRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly kind: ProviderKind;
  readonly name: string;
  readonly issuer: string;
  readonly settings: unknown;
  readonly client_secret: string | null;
  readonly groups_claim: string;
  readonly mapping: unknown;
  readonly is_enabled: boolean;
  readonly is_configured: boolean;
  readonly people: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function providerOf(row: ProviderRow): Provider {
  return {
    id: row.id,
    institutionId: row.institution_id,
    institutionSlug: row.slug,
    kind: row.kind,
    name: row.name,
    issuer: row.issuer,
    settings: ProviderSettings.parse(row.settings),
    secret: row.client_secret,
    groupsClaim: row.groups_claim,
    mapping: z.array(GroupRoles).parse(row.mapping),
    isEnabled: row.is_enabled,
    isConfigured: row.is_configured,
    people: row.people,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** As administrators see it: all but the secret. */
export function shownProvider(provider: Provider, publicUrl: string): IdentityProvider {
  const { kind, id, settings } = provider;
  const { encryptionCertificate, ...shown } = settings;
  const isOidc = kind === "oidc";
  return IdentityProvider.parse({
    id,
    kind,
    name: provider.name,
    issuer: provider.issuer,
    ...shown,
    groupsClaim: provider.groupsClaim,
    mapping: provider.mapping,
    isEnabled: provider.isEnabled,
    isConfigured: provider.isConfigured,
    people: provider.people,
    ours: {
      callbackUrl: publicUrl + paths.signInCallback(kind, id),
      logoutUrl: isOidc ? publicUrl + paths.backChannelLogout(id) : null,
      signedOutUrl: isOidc ? publicUrl + paths.providerSignedOut(id) : null,
      metadataUrl: isOidc ? null : publicUrl + paths.samlMetadata(id),
      encryptionCertificate,
      startUrl: publicUrl + paths.signInStart(kind, id),
    },
    createdAt: provider.createdAt,
    updatedAt: provider.updatedAt,
  });
}

/** Where the vault keeps a provider's secret. */
export function secretOf(providerId: string): Place {
  return { table: "identity_providers", row: providerId };
}
