import { z } from "zod";
import { Grant } from "./institutions.js";
import { idOf, PageQuery, Slug, Timestamp } from "./primitives.js";

export const PROVIDER_KINDS = ["oidc", "saml"] as const;
export const ProviderKind = z.enum(PROVIDER_KINDS);
export type ProviderKind = z.infer<typeof ProviderKind>;

/** What people of a group of the provider's hold here. */
export const GroupRoles = Grant.extend({ group: z.string().trim().min(1).max(300) }).refine(
  ({ roles, customRoles = [] }) => roles.length + customRoles.length > 0,
  { message: "a group gives at least one role", path: ["roles"] },
);
export type GroupRoles = z.infer<typeof GroupRoles>;

const webUrl = z.url({ protocol: /^https?$/ }).max(2000);
const providerName = z.string().trim().min(1).max(100);
const clientId = z.string().trim().min(1).max(300);
const clientSecret = z.string().min(1).max(1000);
/** Names of OAuth scopes; `openid` is always among those asked for. */
const providerScopes = z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(20);
const groupsClaim = z.string().trim().min(1).max(300);
const mapping = z
  .array(GroupRoles)
  .max(500)
  .refine((entries) => new Set(entries.map(({ group }) => group)).size === entries.length, "each group once");
const entityId = z.string().trim().min(1).max(1000);
/** One or more certificates that the provider signs with, as PEM; the next one beside the present one while it changes them. */
const certificate = z.string().trim().min(1).max(40_000);

/** OpenID Connect: the issuer's address, from which the rest is discovered, and who we are there. */
export const AddOidcProvider = z.strictObject({
  kind: z.literal("oidc"),
  name: providerName,
  issuer: webUrl,
  clientId,
  clientSecret,
  scopes: providerScopes.default(["openid", "profile", "email"]),
  groupsClaim: groupsClaim.default("groups"),
  mapping: mapping.default([]),
  isEnabled: z.boolean().default(true),
});
/** SAML 2.0: the provider's entity id, where it asks people, and what it signs with. */
export const AddSamlProvider = z.strictObject({
  kind: z.literal("saml"),
  name: providerName,
  issuer: entityId,
  signInUrl: webUrl,
  certificate,
  /** Assertions that are not encrypted for us are refused. Encrypted ones are taken in any case. */
  isEncryptionRequired: z.boolean().default(false),
  groupsClaim: groupsClaim.default("groups"),
  mapping: mapping.default([]),
  isEnabled: z.boolean().default(true),
});
export const AddIdentityProvider = z.discriminatedUnion("kind", [AddOidcProvider, AddSamlProvider]);
export type AddIdentityProvider = z.infer<typeof AddIdentityProvider>;
export type AddIdentityProviderInput = z.input<typeof AddIdentityProvider>;

/** What is left out stays. A secret is replaced, never read. */
export const UpdateIdentityProvider = z.strictObject({
  name: providerName.optional(),
  issuer: entityId.optional(),
  clientId: clientId.optional(),
  clientSecret: clientSecret.optional(),
  scopes: providerScopes.optional(),
  signInUrl: webUrl.optional(),
  certificate: certificate.optional(),
  isEncryptionRequired: z.boolean().optional(),
  /** Makes another key to encrypt with; the present one opens nothing from then on. */
  renewEncryptionKey: z.literal(true).optional(),
  groupsClaim: groupsClaim.optional(),
  mapping: mapping.optional(),
  isEnabled: z.boolean().optional(),
});
export type UpdateIdentityProvider = z.infer<typeof UpdateIdentityProvider>;

export const IdentityProvider = z.strictObject({
  id: idOf("identityProvider"),
  kind: ProviderKind,
  name: z.string(),
  issuer: z.string(),
  /** OpenID Connect only, as are the scopes. */
  clientId: z.string().nullable(),
  scopes: z.array(z.string()),
  /** SAML only, as are the certificate and what is asked of encryption. */
  signInUrl: z.string().nullable(),
  certificate: z.string().nullable(),
  isEncryptionRequired: z.boolean(),
  groupsClaim: z.string(),
  mapping: z.array(GroupRoles),
  isEnabled: z.boolean(),
  /** Set by the operator's variables; only the groups are changed here. */
  isConfigured: z.boolean(),
  /** People who have signed in through it. */
  people: z.number().int(),
  /** What the provider has to know of us. */
  ours: z.strictObject({
    /** OpenID Connect: the redirect address. SAML: the assertion consumer. */
    callbackUrl: z.string(),
    /** OpenID Connect only: where the provider tells of people who signed out there. */
    logoutUrl: z.string().nullable(),
    /** OpenID Connect only: where it sends people who went on from here to sign out there. */
    signedOutUrl: z.string().nullable(),
    /** SAML: our entity id, which is also where our metadata lies. */
    metadataUrl: z.string().nullable(),
    /** SAML: what the provider encrypts for, as PEM; in the metadata as well. */
    encryptionCertificate: z.string().nullable(),
    /** Where a sign-in begins, for a tile on the provider's own page. */
    startUrl: z.string(),
  }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type IdentityProvider = z.infer<typeof IdentityProvider>;
export const ListIdentityProviders = PageQuery;

/** Whether a provider can be used as it is set up, and what it says about itself. */
export const ProviderCheck = z.strictObject({
  isUsable: z.boolean(),
  /** In words, for whoever sets it up. */
  findings: z.array(z.strictObject({ code: z.string(), detail: z.string() })),
});
export type ProviderCheck = z.infer<typeof ProviderCheck>;

/** Ways to sign in to an institution beside a password; the platform's own where none is named. */
export const FindProviders = z.strictObject({ institution: Slug.optional() });
export type FindProviders = z.infer<typeof FindProviders>;
export const FoundProviders = z.strictObject({
  providers: z.array(z.strictObject({ id: idOf("identityProvider"), kind: ProviderKind, name: z.string() })),
});
export type FoundProviders = z.infer<typeof FoundProviders>;

/** Why a sign-in through a provider came to nothing; the sign-in page has a sentence for each. */
export const SIGN_IN_REFUSALS = [
  "provider_unknown",
  "provider_unreachable",
  "provider_refused",
  "state",
  "unsolicited",
  "assertion",
  "email_missing",
  "account_exists",
  "removed",
  "already_linked",
  "last_admin",
  "institution_leaving",
  "institution_open",
] as const;
export const SignInRefusal = z.enum(SIGN_IN_REFUSALS);
export type SignInRefusal = z.infer<typeof SignInRefusal>;

/** An account at a provider that a person signs in with. */
export const LinkedIdentity = z.strictObject({
  id: idOf("identity"),
  providerId: idOf("identityProvider"),
  provider: z.string(),
  subject: z.string(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
});
export type LinkedIdentity = z.infer<typeof LinkedIdentity>;
export const LinkedIdentities = z.strictObject({ data: z.array(LinkedIdentity) });
export type LinkedIdentities = z.infer<typeof LinkedIdentities>;

/** Begins to connect one's own account with one at a provider: the browser goes on at the address that is answered. */
export const BeginLink = z.strictObject({
  providerId: idOf("identityProvider"),
  /** Who has none has signed in a few minutes ago. */
  currentPassword: z.string().min(1).max(256).optional(),
});
export type BeginLink = z.infer<typeof BeginLink>;
/** Where the browser goes on. */
export const BegunTrip = z.strictObject({ url: z.string() });
export type BegunTrip = z.infer<typeof BegunTrip>;
/** Signs in to another institution beside this one, through a provider of that one: the browser goes on at the address that is answered. */
export const BeginJoin = z.strictObject({ providerId: idOf("identityProvider") });
export type BeginJoin = z.infer<typeof BeginJoin>;
/** Connects a member with an account at a provider, whose subject the administrator knows. */
export const LinkMember = z.strictObject({ providerId: idOf("identityProvider"), subject: z.string().trim().min(1).max(1000) });
export type LinkMember = z.infer<typeof LinkMember>;
