import { X509Certificate } from "node:crypto";
import type { GroupRoles, Role, Violation } from "@ziggurat/contracts";
import { checkRoles } from "../institutions/check-membership.js";
import type { NewProvider } from "./providers.repository.js";

/** Every reason against a provider as it would be saved. @param isTrusted whether the operator lets an address be inside or without TLS */
export function checkProvider(
  institutionSlug: string,
  provider: Pick<NewProvider, "kind" | "issuer" | "settings" | "mapping">,
  isTrusted: (url: URL) => boolean,
): Violation[] {
  const { kind, issuer, settings, mapping } = provider;
  const secure = (text: string | null, pointer: string): Violation[] => {
    const url = URL.canParse(text ?? "") ? new URL(text ?? "") : null;
    if (url === null || url.username !== "" || url.hash !== "") return [{ code: "address", detail: "must be a web address", pointer }];
    if (url.protocol === "https:" || isTrusted(url)) return [];
    return [{ code: "address_insecure", detail: "must be https, or among the operator's ZIGGURAT_INSECURE_ISSUERS", pointer }];
  };
  return [
    ...(kind === "oidc"
      ? secure(issuer, "/issuer")
      : [...secure(settings.signInUrl, "/signInUrl"), ...checkCertificates(settings.certificate)]),
    ...checkMapping(institutionSlug, mapping),
  ];
}

/** Only roles that fit the place, as for members who are added by hand. */
export function checkMapping(institutionSlug: string, mapping: readonly GroupRoles[]): Violation[] {
  return mapping.flatMap(({ roles }, index) =>
    checkRoles(institutionSlug, roles).map((violation) => ({ ...violation, pointer: `/mapping/${index}${violation.pointer ?? ""}` })),
  );
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a text, one PEM block each. */
export const certificatesIn = (text: string): string[] => text.match(CERTIFICATE) ?? [];

function checkCertificates(text: string | null): Violation[] {
  const blocks = certificatesIn(text ?? "");
  if (blocks.length > 0 && blocks.every(isCertificate)) return [];
  return [{ code: "certificate", detail: "must be one or more certificates as PEM", pointer: "/certificate" }];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).publicKey.type === "public";
  } catch {
    return false;
  }
}

/** Roles of all groups together; none for who is in no group that means something here. */
export function rolesOfGroups(mapping: readonly GroupRoles[], groups: readonly string[]): Role[] {
  return [...new Set(mapping.filter(({ group }) => groups.includes(group)).flatMap(({ roles }) => roles))];
}
