import { type KeyObject, sign, verify } from "node:crypto";
import { canonicalJson } from "../platform/database/audit-record.js";

/** What the platform vouches for: up to here, this chain reads so. */
export interface Checkpoint {
  readonly institutionId: string;
  readonly sequence: number;
  readonly digest: string;
  readonly at: string;
}

/** Ed25519 over canonical JSON, base64. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  return sign(null, bytesOf(checkpoint), privateKey).toString("base64");
}

export function isSignedBy(checkpoint: Checkpoint, signature: string, publicKey: KeyObject): boolean {
  return verify(null, bytesOf(checkpoint), publicKey, Buffer.from(signature, "base64"));
}

function bytesOf({ institutionId, sequence, digest, at }: Checkpoint): Buffer {
  return Buffer.from(canonicalJson({ institutionId, sequence, digest, at }));
}
