import { Injectable } from "@nestjs/common";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type {
  AddedPasskey,
  AddPasskey,
  Passkeys as Listed,
  MadePasskey,
  PasskeyOptions,
  RemovePasskey,
  SignedByPasskey,
  StartPasskey,
} from "@ziggurat/contracts";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { PasskeysRepository } from "./passkeys.repository.js";
import { type RelyingParty, relyingParty } from "./relying-party.js";
import { SecondFactors, wrongCode } from "./second-factors.service.js";
import { hashOf, newSecret } from "./secrets.js";

const MOST = 20;
const anybody = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Options for a browser, and the secret by which it is known again when it answers. */
export interface Asked {
  readonly options: PasskeyOptions;
  readonly browser: string;
}

/** Passkeys (WebAuthn): made by their owner, signing in alone or after the password. The person is always verified by the authenticator. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly passkeys: PasskeysRepository,
    private readonly secondFactors: SecondFactors,
    private readonly address: PublicAddress,
  ) {}

  async list(viewer: Viewer): Promise<Listed> {
    const data = await this.unitOfWork.run(viewer, (tx) => this.passkeys.list(tx, viewer.userId));
    return { data: [...data], host: relyingParty(this.address.url)?.host ?? null };
  }

  /** What the browser makes a passkey of. */
  async begin(viewer: Viewer, credential: Credential, proof: StartPasskey): Promise<Asked> {
    const party = this.party();
    const account = await this.secondFactors.proven(viewer, credential, proof.currentPassword);
    const held = await this.unitOfWork.run(viewer, async (tx) => {
      // With an app's codes asked for at sign-in, nothing that stands in for them is made without one.
      const second = await this.secondFactors.checkApp(tx, viewer.userId, proof.code);
      if (second !== "passed") refuseIfAny([wrongCode("/code")]);
      return this.passkeys.credentialIds(tx, viewer.userId);
    });
    if (held.length >= MOST) {
      throw new Refusal("rule", "There are enough passkeys; remove one first.", [
        { code: "too_many", detail: `an account has at most ${MOST} passkeys` },
      ]);
    }
    const options = await generateRegistrationOptions({
      rpName: "Ziggurat",
      rpID: party.host,
      userID: new Uint8Array(Buffer.from(viewer.userId)),
      userName: account.email,
      userDisplayName: account.name,
      attestationType: "none",
      excludeCredentials: held.map((id) => ({ id })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    return this.asked(viewer, "register", viewer.userId, { ...options });
  }

  /** @param browser the secret that came with the options */
  async add(viewer: Viewer, credential: Credential, browser: string | undefined, { name, response }: AddPasskey): Promise<AddedPasskey> {
    if (credential.kind === "token") throw new Refusal("denied", "A passkey is made by signing in, not with a token.");
    const made = await this.made(viewer, browser, response);
    try {
      return await this.unitOfWork.run(viewer, async (tx) => {
        const recoveryCodes = await this.secondFactors.recoveryCodesForFirst(tx, viewer);
        const passkey = await this.passkeys.insert(tx, { id: newId("passkey"), name, ...made });
        await tx.audit({ institutionId: viewer.institutionId, action: "passkey.add", object: viewer.userId, after: passkey });
        return { ...passkey, recoveryCodes: recoveryCodes === null ? null : [...recoveryCodes] };
      });
    } catch (error) {
      throw databaseCode(error) === "23505" ? notThisOne() : error;
    }
  }

  /** A code, or what a passkey of the account signed just now; the last one takes the recovery codes with it. */
  async remove(viewer: Viewer, credential: Credential, browser: string | undefined, id: string, proof: RemovePasskey): Promise<void> {
    await this.secondFactors.proven(viewer, credential, proof.currentPassword);
    const isSigned = proof.passkey !== undefined && (await this.prove(proof.passkey, browser)) === viewer.userId;
    await this.unitOfWork.run(viewer, async (tx) => {
      if (!isSigned && (proof.code === undefined || (await this.secondFactors.check(tx, viewer.userId, proof.code)) !== "passed")) {
        refuseIfAny([wrongCode(proof.passkey === undefined ? "/code" : "/passkey")]);
      }
      const passkey = await this.passkeys.remove(tx, viewer.userId, id);
      if (passkey === null) throw hidden();
      await this.secondFactors.dropSpareCodes(tx, viewer.userId);
      await tx.audit({ institutionId: viewer.institutionId, action: "passkey.remove", object: viewer.userId, before: passkey });
    });
  }

  /** What a browser signs to sign in, whoever it will be. It names no passkey, so it tells of nobody. */
  async beginSignIn(): Promise<Asked> {
    const options = await generateAuthenticationOptions({ rpID: this.party().host, userVerification: "required" });
    return this.asked(anybody, "sign_in", null, { ...options });
  }

  /**
   * @param browser the secret that came with the options
   * @returns whose passkey signed what this browser was asked; null where anything is not as it should be
   */
  async prove(response: SignedByPasskey, browser: string | undefined): Promise<string | null> {
    const party = relyingParty(this.address.url);
    if (browser === undefined || party === null) return null;
    // In a transaction of its own: a challenge is gone, whatever becomes of the answer.
    const challenge = await this.unitOfWork.run(anybody, (tx) => this.passkeys.take(tx, hashOf(browser), "sign_in"));
    if (challenge === null) return null;
    return this.unitOfWork.run(anybody, async (tx) => {
      const stored = await this.passkeys.find(tx, response.id);
      const { userHandle } = response.response;
      if (stored === null) return null;
      if (userHandle != null && Buffer.from(userHandle, "base64url").toString() !== stored.user_id) return null;
      const counter = await signedCounter(response, challenge.challenge, party, {
        id: stored.credential_id,
        publicKey: new Uint8Array(stored.public_key),
        counter: Number(stored.counter),
      });
      return counter !== null && (await this.passkeys.noteUse(tx, stored.id, counter)) ? stored.user_id : null;
    });
  }

  private async made(viewer: Viewer, browser: string | undefined, response: MadePasskey) {
    const { host, origin } = this.party();
    const challenge =
      browser === undefined ? null : await this.unitOfWork.run(viewer, (tx) => this.passkeys.take(tx, hashOf(browser), "register"));
    if (challenge === null || challenge.user_id !== viewer.userId) throw notThisOne();
    const { clientDataJSON, attestationObject, transports = [] } = response.response;
    const { id, rawId, type } = response;
    const verified = await verifyRegistrationResponse({
      response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
      expectedChallenge: challenge.challenge,
      expectedOrigin: origin,
      expectedRPID: host,
      requireUserVerification: true,
    }).catch(() => null);
    if (verified === null || !verified.verified) throw notThisOne();
    const { credential, credentialBackedUp } = verified.registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: credential.publicKey,
      counter: credential.counter,
      transports,
      isSynced: credentialBackedUp,
    };
  }

  private async asked(viewer: Viewer, purpose: "register" | "sign_in", userId: string | null, options: PasskeyOptions): Promise<Asked> {
    const browser = newSecret();
    await this.unitOfWork.run(viewer, (tx) =>
      this.passkeys.askFor(tx, { id: hashOf(browser), challenge: options.challenge, purpose, userId }),
    );
    return { options, browser };
  }

  private party(): RelyingParty {
    const party = relyingParty(this.address.url);
    if (party !== null) return party;
    throw new Refusal("rule", "Passkeys need a host name and https, or localhost.", [
      { code: "passkey_host", detail: "this platform's address is an IP address or has no https, so browsers make no passkey for it" },
    ]);
  }
}

/** The authenticator's count of uses, where it signed this challenge, here, with the person verified; null otherwise. */
async function signedCounter(
  { id, rawId, type, response }: SignedByPasskey,
  expectedChallenge: string,
  { host, origin }: RelyingParty,
  credential: { readonly id: string; readonly publicKey: Uint8Array<ArrayBuffer>; readonly counter: number },
): Promise<number | null> {
  const { clientDataJSON, authenticatorData, signature } = response;
  const verified = await verifyAuthenticationResponse({
    response: { id, rawId, type, response: { clientDataJSON, authenticatorData, signature }, clientExtensionResults: {} },
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: host,
    credential,
    requireUserVerification: true,
  }).catch(() => null);
  return verified?.verified ? verified.authenticationInfo.newCounter : null;
}

function notThisOne(): Refusal {
  return new Refusal("rule", "The passkey could not be taken; begin again.", [
    { code: "passkey_refused", detail: "it was made for something else, too late, or not by this browser", pointer: "/response" },
  ]);
}
