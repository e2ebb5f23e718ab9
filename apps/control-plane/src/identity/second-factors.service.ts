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
import { type HeldFactors, SecondFactorsRepository } from "./second-factors.repository.js";
import { hashOf, newOneTimePassword } from "./secrets.js";
import { SessionsRepository } from "./sessions.repository.js";
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
    private readonly sessions: SessionsRepository,
  ) {}

  get(viewer: Viewer): Promise<SecondFactor> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const since = (await this.factors.find(tx, viewer.userId))?.confirmed_at ?? null;
      const { recovery_codes } = await this.factors.held(tx, viewer.userId);
      return { isOn: since !== null, since: since?.toISOString() ?? null, recoveryCodes: recovery_codes };
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
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.factors.find(tx, viewer.userId);
      if (row === null) throw hidden();
      if (row.confirmed_at !== null) throw alreadyOn();
      if (!(await this.takes(tx, viewer.userId, row.secret, code))) refuseIfAny([wrongCode("/code")]);
      await this.factors.confirm(tx, viewer.userId);
      const recoveryCodes = await this.newRecoveryCodes(tx, viewer);
      await tx.audit({ institutionId: viewer.institutionId, action: "second_factor.begin", object: viewer.userId });
      return { recoveryCodes };
    });
  }

  async end(viewer: Viewer, credential: Credential, { currentPassword, code }: EndSecondFactor): Promise<void> {
    await this.proven(viewer, credential, currentPassword);
    await this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.factors.find(tx, viewer.userId);
      if (row === null || row.confirmed_at === null) throw hidden();
      if (!(await this.isCode(tx, viewer.userId, row.secret, code))) refuseIfAny([wrongCode("/code")]);
      await this.factors.endApp(tx, viewer.userId);
      await this.factors.dropSpareCodes(tx, viewer.userId);
      await tx.audit({ institutionId: viewer.institutionId, action: "second_factor.end", object: viewer.userId });
    });
  }

  held(tx: Tx, userId: string): Promise<HeldFactors> {
    return this.factors.held(tx, userId);
  }

  /** Takes every lost second factor off a member, in the transaction of whoever may. @returns whether there was one */
  remove(tx: Tx, userId: string): Promise<boolean> {
    return this.factors.remove(tx, userId);
  }

  /**
   * Whether a sign-in with the right password may go on: no second factor, or a code of it that was not used before. Somebody with
   * passkeys alone has recovery codes for when they are lost.
   * @returns `missing` where one is on and no code came
   */
  async check(tx: Tx, userId: string, code: string | undefined): Promise<"passed" | "missing" | "wrong"> {
    const { has_app, passkeys } = await this.factors.held(tx, userId);
    if (!has_app && passkeys === 0) return "passed";
    return this.judge(tx, userId, code);
  }

  /** The same, of the codes of an app alone. */
  async checkApp(tx: Tx, userId: string, code: string | undefined): Promise<"passed" | "missing" | "wrong"> {
    const { has_app } = await this.factors.held(tx, userId);
    return has_app ? this.judge(tx, userId, code) : "passed";
  }

  private async judge(tx: Tx, userId: string, code: string | undefined): Promise<"passed" | "missing" | "wrong"> {
    if (code === undefined) return "missing";
    const row = await this.factors.find(tx, userId);
    return (await this.isCode(tx, userId, row?.confirmed_at == null ? null : row.secret, code)) ? "passed" : "wrong";
  }

  /** For the first second factor of an account; null where there are codes from before. */
  async recoveryCodesForFirst(tx: Tx, viewer: Viewer): Promise<readonly string[] | null> {
    const { has_app, passkeys } = await this.factors.held(tx, viewer.userId);
    return has_app || passkeys > 0 ? null : this.newRecoveryCodes(tx, viewer);
  }

  /** Recovery codes stand in for something; with the last of it they go. */
  dropSpareCodes(tx: Tx, userId: string): Promise<void> {
    return this.factors.dropSpareCodes(tx, userId);
  }

  private async newRecoveryCodes(tx: Tx, viewer: Viewer): Promise<string[]> {
    const recoveryCodes = Array.from({ length: RECOVERY_CODES }, newOneTimePassword);
    await this.factors.setRecoveryCodes(tx, viewer.userId, viewer.institutionId, recoveryCodes.map(hashOf));
    return recoveryCodes;
  }

  /** A code of the authenticator, or one of the recovery codes; each is taken once. @param closed null for somebody without an app */
  private async isCode(tx: Tx, userId: string, closed: string | null, code: string): Promise<boolean> {
    if (/^[0-9]{6}$/.test(code)) return closed !== null && this.takes(tx, userId, closed, code);
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

  /** Whoever found a session open does not know the password. Who has none has just signed in by another way. */
  async proven(viewer: Viewer, credential: Credential, password: string | undefined): Promise<Account> {
    if (credential.kind === "token") throw new Refusal("denied", "A second factor is changed by signing in, not with a token.");
    const account = await this.unitOfWork.run(viewer, (tx) => this.users.findById(tx, viewer.userId));
    if (account?.passwordHash === null) {
      if (await this.unitOfWork.run(viewer, (tx) => this.sessions.isFresh(tx, credential.id))) return account;
      throw new Refusal("rule", "Sign in again first; this session was opened too long ago.", [
        { code: "session_old", detail: "sign in again, then do this within ten minutes" },
      ]);
    }
    if (account === null || (await whosePassword([account], password ?? "")) === null) {
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
