import { hash, type KeyObject, sign } from "node:crypto";

/** A DSSE envelope (Dead Simple Signing Envelope, v1) around JSON. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Signs a text with an Ed25519 key. The same text is the same envelope, byte for byte. */
export function ed25519Envelope(type: string, text: string, privateKey: KeyObject, publicKey: KeyObject): Envelope {
  const payload = Buffer.from(text);
  const signature = sign(null, preAuthEncoding(type, payload), privateKey);
  return {
    payloadType: type,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyIdOf(publicKey), sig: signature.toString("base64") }],
  };
}

/** SHA-256 of the public key's SPKI, hex: what `openssl pkey -pubin -outform DER | sha256sum` says. */
function keyIdOf(publicKey: KeyObject): string {
  return hash("sha256", publicKey.export({ type: "spki", format: "der" }), "hex");
}

function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
