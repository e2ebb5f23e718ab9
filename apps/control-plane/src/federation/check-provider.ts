import { X509Certificate } from "node:crypto";
import type { GroupRoles, Violation } from "@ziggurat/contracts";
import { type GroupGrant, givenByGroups } from "@ziggurat/institution";
import { type Given, wantedOf } from "../institutions/grants.service.js";
import type { NewProvider } from "./providers.repository.js";

/** Every reason against a provider as it would be saved, but for what its groups give. @param isTrusted whether the operator lets an address be inside or without TLS */
export function checkProvider(provider: Pick<NewProvider, "kind" | "issuer" | "settings">, isTrusted: (url: URL) => boolean): Violation[] {
  const { kind, issuer, settings } = provider;
  const secure = (text: string | null, pointer: string): Violation[] => {
    const url = URL.canParse(text ?? "") ? new URL(text ?? "") : null;
    if (url === null || url.username !== "" || url.hash !== "") return [{ code: "address", detail: "must be a web address", pointer }];
    if (url.protocol === "https:" || isTrusted(url)) return [];
    return [{ code: "address_insecure", detail: "must be https, or among the operator's ZIGGURAT_INSECURE_ISSUERS", pointer }];
  };
  return kind === "oidc"
    ? secure(issuer, "/issuer")
    : [...secure(settings.signInUrl, "/signInUrl"), ...checkCertificates(settings.certificate)];
}

/** What groups shall give, beside what each gave before; of that stays what is left out. */
export function grantsOf(mapping: readonly GroupRoles[], before: readonly GroupRoles[]): (Given & { readonly group: string })[] {
  return mapping.map((entry, index) => {
    const was = before.find(({ group }) => group === entry.group);
    const held = was === undefined ? null : wantedOf(was, null);
    return { group: entry.group, wanted: wantedOf(entry, held), before: held, at: `/mapping/${index}` };
  });
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

/** All groups of somebody together; nothing for who is in none that means something here. */
export function grantOfGroups(mapping: readonly GroupRoles[], groups: readonly string[]): GroupGrant {
  return givenByGroups(mapping.filter(({ group }) => groups.includes(group)).map((entry) => wantedOf(entry, null)));
}
