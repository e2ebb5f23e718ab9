import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { p256 } from "@noble/curves/nist.js";
import { StartRefusal } from "../start-refusal.js";

/**
 * The EC P-256 key that releases and provenance are signed with. Signatures are deterministic (RFC 6979), which Node's own ECDSA is
 * not: the same statement is the same bytes in every export.
 */
export class SigningKey {
  /** SubjectPublicKeyInfo, PEM: what verifiers are given. */
  readonly publicPem: string;
  /** SHA-256 of that text, hex: the hint that model-signing verifiers compare. */
  readonly keyId: string;
  private readonly secret: Uint8Array;

  /** @param privateKey EC P-256 */
  constructor(privateKey: KeyObject) {
    if (!isP256(privateKey)) throw new Error("Releases are signed with an EC P-256 key.");
    this.publicPem = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
    this.keyId = createHash("sha256").update(this.publicPem).digest("hex");
    this.secret = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  }

  /** ECDSA over SHA-256 of the bytes, DER. */
  sign(bytes: Uint8Array): Buffer {
    return Buffer.from(p256.sign(bytes, this.secret, { prehash: true, lowS: false, format: "der" }));
  }
}

/** Reads an operator's own key. @throws StartRefusal in words when it is not there or not of this kind */
export function readSigningKey(path: string): SigningKey {
  const key = parse(read(path), path);
  if (!isP256(key)) throw new StartRefusal(`ZIGGURAT_SIGNING_KEY: ${path} is not an EC P-256 key, which is what releases are signed with.`);
  return new SigningKey(key);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new StartRefusal(`ZIGGURAT_SIGNING_KEY: ${path} cannot be read.`);
  }
}

function parse(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new StartRefusal(`ZIGGURAT_SIGNING_KEY: ${path} is not an unencrypted private key in PEM (PKCS#8).`);
  }
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}
