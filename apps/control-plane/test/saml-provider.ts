import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { X509CertificateGenerator } from "@peculiar/x509";

/** As much as is used here. The library's own types bring those of browsers along, which contradict Node's in other files. */
interface Samlify {
  setSchemaValidator(validator: { validate(xml: string): Promise<string> }): void;
  ServiceProvider(settings: { readonly metadata: string }): Sp;
  IdentityProvider(settings: object): {
    parseLoginRequest(
      sp: Sp,
      binding: "redirect",
      request: { readonly query: object },
    ): Promise<{ readonly extract: { readonly request: { readonly id: string } } }>;
    createLoginResponse(
      sp: Sp,
      request: object,
      binding: "post",
      user: object,
      fill: () => { readonly id: string; readonly context: string },
    ): Promise<{ readonly context: string }>;
  };
}
interface Sp {
  readonly entityMeta: { getEntityID(): string; getAssertionConsumerService(binding: "post"): string };
}

const require = createRequire(import.meta.url);
const { IdentityProvider, ServiceProvider, setSchemaValidator }: Samlify = require("samlify");

export const CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
export const GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
export const RSA_OLD = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
const RSA_OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";

/** How an assertion is encrypted, for the certificate of the metadata that the provider was given. */
export interface Encrypted {
  readonly data: string;
  readonly key?: string;
}

/** What an assertion says, before it is signed. */
export interface Said {
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly audience: string;
  readonly recipient: string;
  readonly inResponseTo: string;
  /** Whether the signed assertion names the request, and not the envelope around it alone. */
  readonly isConfirmed: boolean;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notOnOrAfter: Date;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface SamlResponse {
  readonly SAMLResponse: string;
  readonly RelayState: string;
}

export interface SamlProvider {
  readonly entityId: string;
  readonly signInUrl: string;
  readonly certificate: string;
  /**
   * Answers a request that a browser brought, as the provider's page would post it.
   * @param requestUrl null: nobody asked, and the provider begins
   * @param metadata ours, as the provider read it in
   * @param change what the assertion says otherwise
   */
  answer(requestUrl: string | null, metadata: string, change?: Partial<Said>, encrypted?: Encrypted): Promise<SamlResponse>;
}

setSchemaValidator({ validate: async () => "not asked of requests in tests" });

/** A SAML identity provider with a key of its own, by a library that is not the one we verify with. */
export async function makeSamlProvider(entityId = "https://idp.example/metadata"): Promise<SamlProvider> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: "01",
      name: "CN=idp.example",
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
      keys,
      signingAlgorithm: algorithm,
    },
    crypto,
  );
  const certificate = made.toString("pem");
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
  const signInUrl = "https://idp.example/sso";
  const idpFor = (encrypted: Encrypted | undefined) =>
    IdentityProvider({
      entityID: entityId,
      privateKey,
      signingCert: certificate,
      isAssertionEncrypted: encrypted !== undefined,
      ...(encrypted && { dataEncryptionAlgorithm: encrypted.data, keyEncryptionAlgorithm: encrypted.key ?? RSA_OAEP }),
      singleSignOnService: [{ Binding: "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location: signInUrl }],
      // The library asks for an own template before it takes ours.
      loginResponseTemplate: { context: "<samlp:Response/>", attributes: [] },
    });
  return {
    entityId,
    signInUrl,
    certificate,
    async answer(requestUrl, metadata, change = {}, encrypted) {
      const idp = idpFor(encrypted);
      const sp = ServiceProvider({ metadata });
      const query: Record<string, string> = requestUrl === null ? {} : Object.fromEntries(new URL(requestUrl).searchParams);
      const request = requestUrl === null ? null : await idp.parseLoginRequest(sp, "redirect", { query });
      const inResponseTo = request?.extract.request.id ?? "";
      const now = Date.now();
      const said: Said = {
        nameId: "ada-there",
        nameIdFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        audience: sp.entityMeta.getEntityID(),
        recipient: sp.entityMeta.getAssertionConsumerService("post"),
        inResponseTo,
        isConfirmed: true,
        issuer: entityId,
        notBefore: new Date(now - 1000),
        notOnOrAfter: new Date(now + 120_000),
        attributes: { email: ["ada@northbank.example"], displayName: ["Ada"], groups: ["staff"] },
        ...change,
      };
      const unsigned = () => ({ id: `_${randomUUID()}`, context: responseOf(said) });
      const { context } = await idp.createLoginResponse(sp, { ...request }, "post", {}, unsigned);
      return { SAMLResponse: context, RelayState: query.RelayState ?? "" };
    },
  };
}

function responseOf(said: Said): string {
  const now = new Date().toISOString();
  const attributes = Object.entries(said.attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join("")}</saml:Attribute>`,
  );
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomUUID()}" Version="2.0" IssueInstant="${now}" Destination="${said.recipient}"${answerOf(said.inResponseTo)}><saml:Issuer>${said.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_${randomUUID()}" Version="2.0" IssueInstant="${now}"><saml:Issuer>${said.issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${said.nameIdFormat}">${said.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${said.notOnOrAfter.toISOString()}" Recipient="${said.recipient}"${said.isConfirmed ? answerOf(said.inResponseTo) : ""}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${said.notBefore.toISOString()}" NotOnOrAfter="${said.notOnOrAfter.toISOString()}"><saml:AudienceRestriction><saml:Audience>${said.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${now}" SessionIndex="_session"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${attributes.join("")}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;
}

const answerOf = (request: string): string => (request === "" ? "" : ` InResponseTo="${request}"`);
