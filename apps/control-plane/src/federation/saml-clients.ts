import { Injectable } from "@nestjs/common";
import { type CacheProvider, type Profile, SAML, ValidateInResponseTo } from "@node-saml/node-saml";
import { paths } from "@ziggurat/contracts";
import { PublicAddress } from "../platform/http/public-address.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { type Asserted, addressIn, firstText, SignInRefused, textsOf } from "./asserted.js";
import { certificatesIn } from "./check-provider.js";
import { reasonOf } from "./oidc-clients.js";
import { type Provider, secretOf } from "./provider-row.js";
import { envelopeOf } from "./saml-envelope.js";

const CLOCK_MS = 30_000;
/** An assertion counts no longer than this, whatever it says of itself. */
const LONGEST_MS = 5 * 60_000;
const REQUEST_MS = 10 * 60_000;

export interface VerifiedAssertion {
  readonly asserted: Asserted;
  readonly assertionId: string;
  /** No later answer can be this one. */
  readonly until: Date;
}

/** Talks SAML 2.0 with identity providers: requests by redirect, answers by post, each of them to one request of ours. */
@Injectable()
export class SamlClients {
  constructor(
    private readonly publicAddress: PublicAddress,
    private readonly keys: PlatformKeys,
  ) {}

  /** Where the browser goes, and the id of the request that the answer has to name. */
  async begin(provider: Provider, relayState: string): Promise<{ readonly url: URL; readonly requestId: string }> {
    const requests = new Map<string, string>();
    const url = await this.client(provider, requests).getAuthorizeUrlAsync(relayState, undefined, {});
    const [requestId] = requests.keys();
    if (requestId === undefined) throw new Error("the request has no id");
    return { url: new URL(url), requestId };
  }

  /**
   * Verifies what the provider posted: encryption where it is asked for, signature over the assertion, issuer, audience, times, and that it answers our request.
   * @throws SignInRefused `assertion` or `provider_refused`
   */
  async verify(provider: Provider, samlResponse: string, requestId: string): Promise<VerifiedAssertion> {
    const { isEncrypted } = envelopeOf(samlResponse);
    if (provider.settings.isEncryptionRequired && !isEncrypted) throw new SignInRefused("assertion", "the assertion is not encrypted");
    const requests = new Map([[requestId, new Date().toISOString()]]);
    const profile = await this.client(provider, requests)
      .validatePostResponseAsync({ SAMLResponse: samlResponse })
      .then((answer) => answer.profile)
      .catch((error: unknown) => {
        const isTheirs = error instanceof Error && "xmlStatus" in error;
        throw new SignInRefused(isTheirs ? "provider_refused" : "assertion", reasonOf(error));
      });
    if (profile === null) throw new SignInRefused("assertion", "no assertion");
    const assertionId = this.checkSigned(provider, profile, requestId);
    return { asserted: assertedOf(provider, profile), assertionId, until: new Date(Date.now() + LONGEST_MS + 2 * CLOCK_MS) };
  }

  /** What an administrator of the provider reads in. */
  metadata(provider: Provider): string {
    return this.client(provider, new Map()).generateServiceProviderMetadata(provider.settings.encryptionCertificate);
  }

  private client(provider: Provider, requests: Map<string, string>): SAML {
    const entityId = this.publicAddress.url + paths.samlMetadata(provider.id);
    const { secret } = provider;
    return new SAML({
      ...(secret === null ? {} : { decryptionPvk: this.keys.vault.open(secret, secretOf(provider.id)) }),
      entryPoint: provider.settings.signInUrl ?? "",
      issuer: entityId,
      audience: entityId,
      callbackUrl: this.callbackOf(provider),
      idpIssuer: provider.issuer,
      idpCert: certificatesIn(provider.settings.certificate ?? ""),
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: false,
      validateInResponseTo: ValidateInResponseTo.always,
      requestIdExpirationPeriodMs: REQUEST_MS,
      cacheProvider: cacheIn(requests),
      acceptedClockSkewMs: CLOCK_MS,
      maxAssertionAgeMs: LONGEST_MS,
      identifierFormat: null,
      disableRequestedAuthnContext: true,
      signatureAlgorithm: "sha256",
    });
  }

  private callbackOf({ id }: Provider): string {
    return this.publicAddress.url + paths.signInCallback("saml", id);
  }

  /**
   * What the library takes from the unsigned envelope, or does not ask of assertions, is read again in the signed one: whose it is,
   * whom it is for, what it answers. @returns the assertion's id
   */
  private checkSigned(provider: Provider, profile: Profile, requestId: string): string {
    const assertion = at(profile.getAssertion?.(), "Assertion");
    const id = attributeOf(assertion, "ID");
    const confirmations = listOf(at(at(assertion, "Subject"), "SubjectConfirmation"));
    const isOurs = confirmations.some((confirmation) => {
      const data = at(confirmation, "SubjectConfirmationData");
      const end = Date.parse(attributeOf(data, "NotOnOrAfter") ?? "");
      return (
        attributeOf(data, "InResponseTo") === requestId &&
        attributeOf(data, "Recipient") === this.callbackOf(provider) &&
        end > Date.now() - CLOCK_MS
      );
    });
    if (profile.issuer !== provider.issuer) throw new SignInRefused("assertion", "the assertion is another issuer's");
    if (id === null || !isOurs) throw new SignInRefused("assertion", "the signed assertion does not answer this request");
    return id;
  }
}

/** The library's memory of requests: the one request of this sign-in. */
function cacheIn(requests: Map<string, string>): CacheProvider {
  return {
    async saveAsync(key, value) {
      requests.set(key, value);
      return { value, createdAt: Date.now() };
    },
    getAsync: async (key) => requests.get(key) ?? null,
    async removeAsync(key) {
      return key !== null && requests.delete(key) ? key : null;
    },
  };
}

function assertedOf({ issuer, groupsClaim }: Provider, profile: Profile): Asserted {
  if (typeof profile.nameID !== "string" || profile.nameID === "") throw new SignInRefused("assertion", "no subject");
  // A transient id is another one each time: nobody could be found again by it.
  if (/:transient$/.test(profile.nameIDFormat ?? "")) throw new SignInRefused("assertion", "the subject is transient");
  const isAddress = /:emailAddress$/.test(profile.nameIDFormat ?? "");
  const { attributes } = profile;
  const given: Readonly<Record<string, unknown>> =
    typeof attributes === "object" && attributes !== null ? Object.fromEntries(Object.entries(attributes)) : {};
  const email = firstText(profile.email, profile.mail, given.email, given.mail, given[EMAIL_CLAIM], isAddress ? profile.nameID : null);
  return {
    issuer,
    subject: profile.nameID,
    email: addressIn(email),
    // An attribute that the provider's own administrators keep, in an assertion that it signed.
    isAddressProven: true,
    name: firstText(given.displayName, given.name, given.cn, given[NAME_CLAIM]),
    groups: textsOf(given[groupsClaim]),
    session: firstText(profile.sessionIndex),
    idToken: null,
  };
}

/** As Microsoft's providers name them. */
const EMAIL_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
const NAME_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";

/** The library hands XML over as nested lists of objects, with attributes under `$`. */
function at(node: unknown, name: string): unknown {
  const [first] = listOf(node);
  return typeof first === "object" && first !== null && name in first ? Reflect.get(first, name) : undefined;
}

const listOf = (node: unknown): readonly unknown[] => (Array.isArray(node) ? node : node === undefined ? [] : [node]);

function attributeOf(node: unknown, name: string): string | null {
  const value = at(at(node, "$"), name);
  return typeof value === "string" ? value : null;
}
