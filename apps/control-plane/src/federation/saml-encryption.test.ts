import { createPublicKey, X509Certificate } from "node:crypto";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { CBC, type Encrypted, GCM, makeSamlProvider, RSA_OLD, type Said, type SamlProvider } from "../../test/saml-provider.js";
import { Walker } from "../../test/walker.js";
import { makeEncryptionKey } from "./encryption-key.js";

let idp: SamlProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
const REFUSED = "/login?refused=assertion&institution=northbank&next=%2Fmodels";
beforeAll(async () => {
  idp = await makeSamlProvider();
  platform = await startPlatform({ env: { ZIGGURAT_SECRET_KEY: "the operator's key of this year, long" } });
  await platform.addInstitution("northbank");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  const made = await admin.post(paths.identityProviders("northbank"), {
    kind: "saml",
    name: "North SAML",
    issuer: idp.entityId,
    signInUrl: idp.signInUrl,
    certificate: idp.certificate,
    isEncryptionRequired: true,
    mapping: [{ group: "staff", roles: ["institution_member"] }],
  });
  expect(made.status, made.text).toBe(201);
  providerId = made.body.id;
});
afterAll(() => platform?.close());

const metadata = async () => (await send(platform.url, "GET", paths.samlMetadata(providerId))).text;
const certificateIn = (xml: string) => /use="encryption"[\s\S]*?<ds:X509Certificate>([^<]*)</.exec(xml)?.[1]?.replace(/\s/g, "") ?? "";
const stripped = (pem: string) => pem.replace(/-----[^-]*-----|\s/g, "");
const shown = async () => (await admin.get(paths.identityProviders("northbank"))).body.data[0];
const change = (body: object) => admin.patch(paths.identityProvider("northbank", providerId), body);

interface Way {
  readonly by?: SamlProvider;
  readonly said?: Partial<Said>;
  /** Null: in the open. */
  readonly encrypted?: Encrypted | null;
  readonly alter?: (xml: string) => string;
  readonly metadata?: string;
}
/** The whole way of a browser, with what the provider does otherwise. */
async function enter({
  by = idp,
  said = {},
  encrypted = { data: GCM },
  alter = (xml) => xml,
  metadata: theirs,
}: Way = {}): Promise<string> {
  const walker = new Walker(platform.url);
  const request = await walker.walk(paths.signInStart("saml", providerId, "/models"), (url) => url.startsWith(idp.signInUrl));
  const response = await by.answer(request, theirs ?? (await metadata()), said, encrypted ?? undefined);
  const altered = Buffer.from(alter(Buffer.from(response.SAMLResponse, "base64").toString())).toString("base64");
  const answer = await fetch(platform.url + paths.signInCallback("saml", providerId), {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ SAMLResponse: altered, RelayState: response.RelayState }),
  });
  await answer.arrayBuffer();
  return walker.walk(answer.headers.get("location") ?? String(answer.status));
}

describe("a key to encrypt for", () => {
  it("is published in the metadata, shown to administrators as a certificate, and kept closed", async () => {
    const { ours, isEncryptionRequired } = await shown();
    const published = certificateIn(await metadata());
    expect([isEncryptionRequired, published]).toEqual([true, stripped(ours.encryptionCertificate)]);
    expect(new X509Certificate(ours.encryptionCertificate).publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    const rows = await asSystem<{ client_secret: string }>(platform, "select client_secret from identity_providers");
    expect(rows.map(({ client_secret }) => client_secret.slice(0, 8))).toEqual(["sealed2:"]);
    expect(JSON.stringify(await shown())).not.toContain("PRIVATE KEY");
  });

  it("opens assertions in either of the ciphers, and what they say counts as ever", async () => {
    expect(await enter()).toBe("/models");
    expect(await enter({ encrypted: { data: CBC } })).toBe("/models");
    expect(await enter({ said: { audience: "https://somebody.else.example" } })).toBe(REFUSED);
    expect(await enter({ said: { isConfirmed: false } })).toBe(REFUSED);
  });

  it("is made for a provider from before there was encryption at its first change, and anew when an administrator says so", async () => {
    await asSystem(
      platform,
      "update identity_providers set client_secret = null, settings = settings - 'encryptionCertificate' - 'isEncryptionRequired'",
    );
    expect(certificateIn(await metadata())).toBe("");
    expect((await change({ name: "North SAML" })).body.ours.encryptionCertificate).toContain("BEGIN CERTIFICATE");
    const before = await metadata();
    expect((await change({ isEncryptionRequired: true, renewEncryptionKey: true })).status).toBe(200);
    expect(certificateIn(await metadata())).not.toBe(certificateIn(before));
    expect(await enter({ metadata: before })).toBe(REFUSED);
    expect(await enter()).toBe("/models");
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'identity_provider.update' order by id desc limit 1",
    );
    expect(entry?.reason).toBe("with a new key to encrypt for");
  });

  it("is for SAML alone", async () => {
    const oidc = { kind: "oidc", name: "O", issuer: "https://id.example", clientId: "z", clientSecret: "hush" };
    const { body } = await admin.post(paths.identityProviders("northbank"), oidc);
    expect([body.isEncryptionRequired, body.ours.encryptionCertificate]).toEqual([false, null]);
    for (const misplaced of [{ isEncryptionRequired: true }, { renewEncryptionKey: true }]) {
      const refused = await admin.patch(paths.identityProvider("northbank", body.id), misplaced);
      expect([refused.status, refused.body.errors[0].code]).toEqual([422, "provider_kind"]);
    }
  });
});

describe("an assertion, where encryption is required", () => {
  const value = /(<(?:\w+:)?CipherValue>)([^<]*)(<)/g;
  /** Another byte in the place of the nth from the end, in the key (0) or the text (1). */
  const flipped = (which: number, fromEnd: number) => (xml: string) => {
    let seen = -1;
    return xml.replace(value, (whole, open: string, text: string, close: string) => {
      seen += 1;
      if (seen !== which) return whole;
      const bytes = Buffer.from(text, "base64");
      const at = bytes.length - 1 - fromEnd;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return open + bytes.toString("base64") + close;
    });
  };
  const assertion = /<(\w+:)EncryptedAssertion[\s\S]*<\/\1EncryptedAssertion>/;

  it("is refused in the open, although it is signed and all of it true; beside an encrypted one too", async () => {
    expect(await enter({ encrypted: null })).toBe(REFUSED);
    const stranger = await makeSamlProvider(idp.entityId);
    let open = "";
    await enter({ by: stranger, encrypted: null, alter: (xml) => (open = xml) });
    const plain = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(open)?.[0] ?? "";
    expect(plain).toContain("ada-there");
    expect(await enter({ alter: (xml) => xml.replace(assertion, (sealed) => sealed + plain) })).toBe(REFUSED);
    expect(await enter({ alter: (xml) => xml.replace(assertion, (sealed) => plain + sealed) })).toBe(REFUSED);
    expect(await enter({ alter: (xml) => xml.replace(assertion, plain) })).toBe(REFUSED);
    // Only where it is required.
    expect((await change({ isEncryptionRequired: false })).status).toBe(200);
    expect([await enter({ encrypted: null }), await enter()]).toEqual(["/models", "/models"]);
    expect((await change({ isEncryptionRequired: true })).status).toBe(200);
  });

  it("is refused when it is encrypted for another key, or signed by another", async () => {
    const other = stripped((await makeEncryptionKey()).certificate);
    const own = await metadata();
    const theirs = own.replace(/(use="encryption"[\s\S]*?<ds:X509Certificate>)[^<]*(<)/, `$1${other}$2`);
    expect(certificateIn(theirs)).toBe(other);
    expect(await enter({ metadata: theirs })).toBe(REFUSED);
    expect(await enter({ by: await makeSamlProvider(idp.entityId) })).toBe(REFUSED);
  });

  it.each([
    ["GCM", GCM],
    ["CBC", CBC],
  ])("is refused when a byte of its text or of its key was changed, in %s", async (_, data) => {
    const places: string[] = [];
    for (const [which, fromEnd] of [
      [0, 0],
      [0, 200],
      [1, 0],
      [1, 17],
      [1, 400],
    ] as const) {
      places.push(await enter({ encrypted: { data }, alter: flipped(which, fromEnd) }));
    }
    expect(places).toEqual(places.map(() => REFUSED));
    expect(await asSystem(platform, "select 1 from federated_identities where subject <> 'ada-there'")).toEqual([]);
  });

  it("is refused by what tells a guesser how a text was padded, however its name is written", async () => {
    expect(await enter({ encrypted: { data: GCM, key: RSA_OLD } })).toBe(REFUSED);
    const written = (name: string) => (xml: string) => xml.replaceAll(RSA_OLD, name);
    for (const name of [RSA_OLD.replace("_", "&#95;"), RSA_OLD.replace("r", "&#x72;"), "", "urn:unknown"]) {
      expect(await enter({ encrypted: { data: GCM, key: RSA_OLD }, alter: written(name) })).toBe(REFUSED);
    }
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'session.refused' order by id desc limit 1",
    );
    expect(entry?.reason).toContain("an encryption that is not taken");
    expect(createPublicKey((await shown()).ours.encryptionCertificate).asymmetricKeyType).toBe("rsa");
  });
});
