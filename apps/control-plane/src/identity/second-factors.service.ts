import { Injectable } from "@nestjs/common";
import type {
  ConfirmSecondFactor,
  EndSecondFactor,
  RecoveryCodes,
  SecondFactor,
  StartedSecondFactor,
  StartSecondFactor,
} from "@ziggurat/contracts";
import { Secret, TOTP } from "otpauth";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import type { Place } from "../platform/keys/vault.js";
import { whosePassword } from "./passwords.js";
import { SecondFactorsRepository } from "./second-factors.repository.js";
import { hashOf, newOneTimePassword } from "./secrets.js";
import { type Account, UsersRepository } from "./users.repository.js";

const ISSUER = "Ziggurat";
/** Seconds that a code lasts, and how many before and after are taken for clocks that differ (RFC 6238, section 5.2). */
const PERIOD_SECONDS = 30;
const WINDOW = 1;
const RECOVERY_CODES = 10;

/** Second factors by time-based one-time passwords (RFC 6238): begun, confirmed, asked for at sign-in, ended. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly factors: SecondFactorsRepository,
    private readonly users: UsersRepository,
    private readonly keys: PlatformKeys,
  ) {}

  get(viewer: Viewer): Promise<SecondFactor> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.factors.find(tx, viewer.userId);
      const since = row?.confirmed_at ?? null;
      return { isOn: since !== null, since: since?.toISOString() ?? null, recoveryCodes: since === null ? 0 : (row?.recovery_codes ?? 0) };
    });
  }

  /** Makes a secret for an authenticator. Begun again before it was confirmed, the older one is forgotten. */
  async begin(viewer: Viewer, credential: Credential, { currentPassword }: StartSecondFactor): Promise<StartedSecondFactor> {
    const account = await this.proven(viewer, credential, currentPassword);
    const secret = new Secret({ size: 20 });
    const isBegun = await this.unitOfWork.run(viewer, (tx) =>
      this.factors.begin(tx, viewer.userId, viewer.institutionId, this.keys.vault.close(secret.base32, placeOf(viewer.userId))),
    );
    if (!isBegun) throw alreadyOn();
    return { secret: secret.base32, uri: totp(secret, account.email).toString() };
  }

  /** From here on sign-in asks for a code. The recovery codes are answered this once. */
  async confirm(viewer: Viewer, credential: Credential, { code }: ConfirmSecondFactor): Promise<RecoveryCodes> {
    refuseToken(credential);
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newOneTimePassword);
    await this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.factors.find(tx, viewer.userId);
      if (row === null) throw hidden();
      if (row.confirmed_at !== null) throw alreadyOn();
      if (!(await this.takes(tx, viewer.userId, row.secret, code))) refuseIfAny([wrongCode("/code")]);
      await this.factors.confirm(tx, viewer.userId, viewer.institutionId, recoveryCodes.map(hashOf));
      await tx.audit({ institutionId: viewer.institutionId, action: "second_factor.begin", object: viewer.userId });
    });
    return { recoveryCodes };
  }

  async end(viewer: Viewer, credential: Credential, { currentPassword, code }: EndSecondFactor): Promise<void> {
    await this.proven(viewer, credential, currentPassword);
    await this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.factors.find(tx, viewer.userId);
      if (row === null || row.confirmed_at === null) throw hidden();
      if (!(await this.isCode(tx, viewer.userId, row.secret, code))) refuseIfAny([wrongCode("/code")]);
      await this.factors.remove(tx, viewer.userId);
      await tx.audit({ institutionId: viewer.institutionId, action: "second_factor.end", object: viewer.userId });
    });
  }

  /** Takes a lost second factor off a member, in the transaction of whoever may. @returns whether there was one */
  remove(tx: Tx, userId: string): Promise<boolean> {
    return this.factors.remove(tx, userId);
  }

  /**
   * Whether a sign-in with the right password may go on: no second factor, or a code of it that was not used before.
   * @returns `missing` where one is on and no code came
   */
  async check(tx: Tx, userId: string, code: string | undefined): Promise<"passed" | "missing" | "wrong"> {
    const row = await this.factors.find(tx, userId);
    if (row === null || row.confirmed_at === null) return "passed";
    if (code === undefined) return "missing";
    return (await this.isCode(tx, userId, row.secret, code)) ? "passed" : "wrong";
  }

  /** A code of the authenticator, or one of the recovery codes; each is taken once. */
  private async isCode(tx: Tx, userId: string, closed: string, code: string): Promise<boolean> {
    if (/^[0-9]{6}$/.test(code)) return this.takes(tx, userId, closed, code);
    return this.factors.takeRecoveryCode(tx, userId, hashOf(code.toLowerCase()));
  }

  private async takes(tx: Tx, userId: string, closed: string, code: string): Promise<boolean> {
    const now = Date.now();
    const delta = totp(Secret.fromBase32(this.keys.vault.open(closed, placeOf(userId))), userId).validate({
      token: code,
      timestamp: now,
      window: WINDOW,
    });
    if (delta === null) return false;
    return this.factors.takeStep(tx, userId, Math.floor(now / 1000 / PERIOD_SECONDS) + delta);
  }

  /** Whoever found a session open does not know the password. */
  private async proven(viewer: Viewer, credential: Credential, password: string): Promise<Account> {
    refuseToken(credential);
    const account = await this.unitOfWork.run(viewer, (tx) => this.users.findById(tx, viewer.userId));
    if (account === null || (await whosePassword([account], password)) === null) {
      const detail = "the current password is wrong";
      throw new Refusal("rule", "The current password is wrong.", [{ code: "current_password", detail, pointer: "/currentPassword" }]);
    }
    return account;
  }
}

function placeOf(userId: string): Place {
  return { table: "second_factors", row: userId };
}

function totp(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret, period: PERIOD_SECONDS, digits: 6, algorithm: "SHA1" });
}

function refuseToken(credential: Credential): void {
  if (credential.kind === "token") throw new Refusal("denied", "A second factor is changed by signing in, not with a token.");
}

export function wrongCode(pointer: string) {
  return { code: "code_wrong", detail: "the code is wrong, or was used already", pointer };
}

function alreadyOn(): Refusal {
  return new Refusal("conflict", "A second factor is on already; end it first.", [
    { code: "second_factor_on", detail: "a second factor is on already" },
  ]);
}
