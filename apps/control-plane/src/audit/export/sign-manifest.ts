import { hash, type KeyObject, sign } from "node:crypto";
import { EXPORT_MANIFEST_TYPE, type ExportManifest } from "@ziggurat/contracts";
import { canonicalJson } from "../../platform/database/audit-record.js";

/** A DSSE envelope (Dead Simple Signing Envelope, v1) around JSON. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

export function signManifest(manifest: ExportManifest, privateKey: KeyObject, publicKey: KeyObject): Envelope {
  const payload = Buffer.from(canonicalJson(manifest));
  const signature = sign(null, preAuthEncoding(EXPORT_MANIFEST_TYPE, payload), privateKey);
  return {
    payloadType: EXPORT_MANIFEST_TYPE,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyIdOf(publicKey), sig: signature.toString("base64") }],
  };
}

/** SHA-256 of the public key's SPKI, hex: what `openssl pkey -pubin -outform DER | sha256sum` says. */
export function keyIdOf(publicKey: KeyObject): string {
  return hash("sha256", publicKey.export({ type: "spki", format: "der" }), "hex");
}

function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
