import type { IdentityProvider, ProviderKind } from "@ziggurat/contracts";

/** A provider as it is typed. */
export interface ProviderFields {
  readonly kind: ProviderKind;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  readonly signInUrl: string;
  readonly certificate: string;
  readonly isEncryptionRequired: boolean;
  readonly renewsEncryptionKey: boolean;
  readonly groupsClaim: string;
}

export function fieldsOf(provider: IdentityProvider | null): ProviderFields {
  return {
    kind: provider?.kind ?? "oidc",
    name: provider?.name ?? "",
    issuer: provider?.issuer ?? "",
    clientId: provider?.clientId ?? "",
    clientSecret: "",
    scopes: (provider?.scopes ?? ["openid", "profile", "email"]).join(" "),
    signInUrl: provider?.signInUrl ?? "",
    certificate: provider?.certificate ?? "",
    isEncryptionRequired: provider?.isEncryptionRequired ?? false,
    renewsEncryptionKey: false,
    groupsClaim: provider?.groupsClaim ?? "groups",
  };
}

/** What is sent: a new provider whole, an old one without the secret that was not typed again. */
export function requestOf(fields: ProviderFields, provider: IdentityProvider | null): Readonly<Record<string, unknown>> {
  const { kind, name, issuer, clientId, clientSecret, scopes, signInUrl, certificate, groupsClaim } = fields;
  const { isEncryptionRequired, renewsEncryptionKey } = fields;
  const own =
    kind === "oidc"
      ? {
          clientId: clientId.trim(),
          ...(clientSecret === "" ? {} : { clientSecret }),
          scopes: scopes.split(/[\s,]+/).filter((scope) => scope !== ""),
        }
      : {
          signInUrl: signInUrl.trim(),
          certificate: certificate.trim(),
          isEncryptionRequired,
          ...(renewsEncryptionKey ? { renewEncryptionKey: true } : {}),
        };
  const common = { name: name.trim(), issuer: issuer.trim(), groupsClaim: groupsClaim.trim(), ...own };
  return provider === null ? { kind, ...common } : common;
}

/** Fields that are typed as text. */
export type TextField = { [Name in keyof ProviderFields]: ProviderFields[Name] extends boolean ? never : Name }[keyof ProviderFields];
