import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { MadePasskey, paths, SignedByPasskey, type StartPasskey } from "@ziggurat/contracts";
import { z } from "zod";
import { api } from "./api-client.js";

const isOptions = (value: unknown): boolean => typeof value === "object" && value !== null && "challenge" in value;
// Handed on to the browser as they are: the shapes are the W3C's.
const RequestOptions = z.custom<PublicKeyCredentialRequestOptionsJSON>(isOptions);
const CreationOptions = z.custom<PublicKeyCredentialCreationOptionsJSON>(isOptions);

/** Whether browsers use passkeys on a page of this address: never by an IP address, and without https on `localhost` alone. */
export function canUsePasskeys({ hostname, protocol }: Pick<Location, "hostname" | "protocol"> = window.location): boolean {
  if (!("PublicKeyCredential" in window)) return false;
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.includes(":");
  return hostname === "localhost" || (protocol === "https:" && !isAddress);
}

/** Lets the person sign with one of their passkeys. */
export async function signWithPasskey(): Promise<SignedByPasskey> {
  const optionsJSON = await api.send("POST", paths.passkeySignInOptions(), undefined, RequestOptions);
  return SignedByPasskey.parse(await startAuthentication({ optionsJSON }));
}

/** Lets the person make a passkey for their account. */
export async function makePasskey(proof: StartPasskey): Promise<MadePasskey> {
  const optionsJSON = await api.send("POST", paths.passkeyOptions(), proof, CreationOptions);
  return MadePasskey.parse(await startRegistration({ optionsJSON }));
}

/** Whether the browser ended it: the person did not want to, waited too long, or the authenticator has none. */
export const wasCancelled = (error: unknown): boolean =>
  error instanceof Error && /NotAllowedError|AbortError|InvalidStateError/.test(error.name);
