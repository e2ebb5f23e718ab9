import "reflect-metadata";
import { X509CertificateGenerator } from "@peculiar/x509";

const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) };
/** Providers take the key out of the certificate and look at nothing else of it, but some refuse one that has run out. */
const YEARS = 20;
const DAY_MS = 86_400_000;

/** A key that a SAML provider encrypts for, and the certificate that carries its public half, both as PEM. */
export async function makeEncryptionKey(): Promise<{ readonly privateKey: string; readonly certificate: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex"),
      name: "CN=Ziggurat",
      notBefore: new Date(Date.now() - DAY_MS),
      notAfter: new Date(Date.now() + YEARS * 365 * DAY_MS),
      keys,
      signingAlgorithm: ALGORITHM,
    },
    crypto,
  );
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/(.{64})/g, "$1\n").trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { privateKey, certificate: made.toString("pem") };
}
