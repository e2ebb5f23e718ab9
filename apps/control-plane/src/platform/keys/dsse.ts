import { type BundleWithDsseEnvelope, bundleToJSON, toDSSEBundle } from "@sigstore/bundle";
import { dsse } from "@sigstore/core";
import type { SigningKey } from "./signing-key.js";

/** A payload in a signed DSSE envelope, with the hint of the key, as a Sigstore bundle v0.3 without a transparency log. */
function signed(key: SigningKey, type: string, payload: string): BundleWithDsseEnvelope {
  const artifact = Buffer.from(payload, "utf8");
  const signature = key.sign(dsse.preAuthEncoding(type, artifact));
  return toDSSEBundle({ artifact, artifactType: type, signature, keyHint: key.keyId });
}

/** The bundle as JSON: what model-signing verifiers read. */
export function dsseBundle(key: SigningKey, type: string, payload: string): object {
  return bundleToJSON(signed(key, type, payload));
}

/** The envelope alone as JSON: one line of an in-toto bundle. */
export function dsseEnvelope(key: SigningKey, type: string, payload: string): object {
  const { dsseEnvelope: envelope } = bundleToJSON(signed(key, type, payload));
  if (envelope === undefined) throw new Error("A signed payload has an envelope.");
  return envelope;
}
