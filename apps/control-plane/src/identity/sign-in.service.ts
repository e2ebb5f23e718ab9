import { Injectable } from "@nestjs/common";
import type { ChangePassword, LoginRequest, Me, PasskeySignIn } from "@ziggurat/contracts";
import { Me as MeShape } from "@ziggurat/contracts";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { checkPassword } from "./check-password.js";
import { LoginBackoff, type Try } from "./login-backoff.service.js";
import { Passkeys } from "./passkeys.service.js";
import { hashPassword, whosePassword } from "./passwords.js";
import { SecondFactors, wrongCode } from "./second-factors.service.js";
import { hashOf, newSecret } from "./secrets.js";
import { type NewSession, SessionsRepository } from "./sessions.repository.js";
import { type Account, UsersRepository } from "./users.repository.js";

/** Before there is a viewer, and where one person looks at their accounts of several institutions. */
export const beforeSignIn = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** For the log, and in the place of an address in the count of failures. */
export const BY_PASSKEY = { how: "by passkey" } as const;

/** For the cookie, and for what guards it. */
export interface OpenedSession {
  readonly id: string;
  readonly secret: string;
  readonly csrfToken: string;
}

/** How somebody got in, and beside which other sessions. */
export interface Opening {
  readonly via?: NewSession["via"];
  readonly family?: string | null;
  /** For the audit log; left out for a password. */
  readonly how?: string;
}

/** Sessions of people: signing in, who am I, a new password. */
@Injectable()
export class SignInService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly secondFactors: SecondFactors,
    private readonly backoff: LoginBackoff,
    private readonly passkeys: Passkeys,
  ) {}

  /**
   * Opens a session. An unknown address and a wrong password give the same answer in the same time. Several institutions may know an
   * address: the password tells which is meant, and where it is the same in two, the request says it or the first to know it is.
   * @param address where the request came from; guessing is slowed down per address and account
   * @param browser the secret of a browser that was asked to sign by a passkey
   */
  async signIn(request: LoginRequest, address: string, requestId: string, browser?: string): Promise<OpenedSession> {
    return this.enter(await this.prove(request, address, browser), requestId);
  }

  /** Whose password and second factor these are. Opens nothing. @throws Refusal when they are nobody's, or tried too often */
  async prove(request: LoginRequest, address: string, browser?: string): Promise<Account> {
    const attempt = await this.backoff.begin(address, request.email);
    const known = await this.unitOfWork.run(beforeSignIn, (tx) => this.users.listByEmail(tx, request.email));
    const asked = known.filter(({ institutionSlug }) => request.institution === undefined || request.institution === institutionSlug);
    const account = await whosePassword(asked, request.password);
    if (account === null) {
      await this.noteRefusal(attempt, asked, address);
      throw new Refusal("invalid_credentials", "Email or password is wrong.");
    }
    const second = await this.secondOf(account, request, browser);
    if (second === "missing") {
      await this.backoff.undecided(attempt);
      throw new Refusal("second_factor_required", "Send the code of your authenticator, a recovery code, or what a passkey signed.");
    }
    if (second === "wrong") {
      await this.noteRefusal(attempt, [account], address, "wrong code of the second factor");
      throw new Refusal("second_factor_required", "The code is wrong, or was used already.", [
        wrongCode(request.passkey === undefined ? "/code" : "/passkey"),
      ]);
    }
    await this.backoff.succeeded(attempt);
    return account;
  }

  /** Opens a session by a passkey alone. */
  async signInByPasskey(request: PasskeySignIn, address: string, requestId: string, browser: string | undefined): Promise<OpenedSession> {
    return this.enter(await this.provePasskey(request, address, browser), requestId, BY_PASSKEY);
  }

  /** Whose passkey it is, which tells by itself who that is. Opens nothing. Whatever is wrong with it, the answer is the same. */
  async provePasskey({ passkey }: PasskeySignIn, address: string, browser: string | undefined): Promise<Account> {
    const attempt = await this.backoff.begin(address, `${BY_PASSKEY.how} from ${address}`);
    const userId = await this.passkeys.prove(passkey, browser);
    const account = userId === null ? null : await this.unitOfWork.run(beforeSignIn, (tx) => this.users.findById(tx, userId));
    if (account === null) {
      await this.noteRefusal(attempt, [], address, "a passkey that is not taken");
      throw new Refusal("invalid_credentials", "The passkey is not known here, or answered too late.");
    }
    await this.backoff.succeeded(attempt);
    return account;
  }

  private async secondOf(account: Account, { code, passkey }: LoginRequest, browser: string | undefined) {
    if (passkey !== undefined) return (await this.passkeys.prove(passkey, browser)) === account.id ? "passed" : "wrong";
    return this.unitOfWork.run(beforeSignIn, (tx) => this.secondFactors.check(tx, account.id, code));
  }

  /** Opens a session for somebody who has proven who they are. */
  enter(account: Account, requestId: string, opening: Opening = {}): Promise<OpenedSession> {
    return this.unitOfWork.run(ownViewer(account, requestId), (tx) => this.open(tx, account, opening));
  }

  /** The same within a transaction. By a secret that is new, so that nobody can have put it there before. */
  async open(tx: Tx, account: Account, { via = null, family = null, how = "" }: Opening): Promise<OpenedSession> {
    const [secret, csrfToken] = [newSecret(), newSecret()];
    await this.sessions.sweep(tx);
    const { id: userId, institutionId } = account;
    const id = newId("session");
    const session = { id, institutionId, userId, secretHash: hashOf(secret), csrfToken, via, family };
    await this.sessions.insert(tx, { ...session, isByPassword: via === null && how === "" });
    const reason = via === null ? how : `through ${via.providerId}`;
    await tx.audit({ institutionId, action: "session.open", object: userId, reason });
    return { id, secret, csrfToken };
  }

  /** An address that nobody has is noted as well, in the platform's log: the same work, so that the time it takes tells nothing. */
  private async noteRefusal(attempt: Try, accounts: readonly Account[], address: string, why = "wrong email or password"): Promise<void> {
    const meant = accounts.length === 0 ? [{ institutionId: PLATFORM_ID, id: "nobody" }] : accounts;
    const objects = meant.map(({ institutionId, id }) => ({ institutionId, id }));
    await this.unitOfWork.run(beforeSignIn, (tx) => this.backoff.failed(tx, attempt, objects, `${why}, from ${address}`));
  }

  async me(viewer: Viewer, credential: Credential): Promise<Me> {
    const account = await this.unitOfWork.run(viewer, (tx) => this.users.findById(tx, viewer.userId));
    if (account === null) throw hidden();
    return MeShape.parse({
      id: account.id,
      email: account.email,
      name: account.name,
      institution: { slug: account.institutionSlug, name: account.institutionName },
      roles: viewer.roles,
      scopes: viewer.scopes,
      csrfToken: credential.kind === "session" ? credential.csrfToken : null,
      hasPassword: account.passwordHash !== null,
      mustChangePassword: credential.kind === "session" ? credential.mustChangePassword : account.mustChangePassword,
    });
  }

  /** Every other session of the user ends: whoever knew the old password is out. Tokens stay; they are revoked one by one. */
  async changePassword(viewer: Viewer, credential: Credential, request: ChangePassword): Promise<void> {
    if (credential.kind === "token") throw new Refusal("denied", "A password is changed by signing in, not with a token.");
    const account = await this.unitOfWork.run(viewer, (tx) => this.users.findById(tx, viewer.userId));
    if (account === null || (await whosePassword([account], request.currentPassword)) === null) {
      throw new Refusal("rule", "The current password is wrong.", [
        { code: "current_password", detail: "the current password is wrong", pointer: "/currentPassword" },
      ]);
    }
    if (request.newPassword === request.currentPassword) {
      throw new Refusal("rule", "The new password is the old one.", [
        { code: "same_password", detail: "choose a password you have not used", pointer: "/newPassword" },
      ]);
    }
    const owner = { email: account.email, name: account.name, institution: account.institutionSlug };
    refuseIfAny(checkPassword(request.newPassword, owner, "/newPassword"));
    const passwordHash = await hashPassword(request.newPassword, account.passwordHash);
    await this.unitOfWork.run(viewer, async (tx) => {
      await this.users.setPassword(tx, viewer.userId, passwordHash);
      await this.sessions.endOthers(tx, viewer.userId, credential.id);
      await tx.audit({ institutionId: viewer.institutionId, action: "password.change", object: viewer.userId });
    });
  }
}

/** Somebody who acts for themselves before a request of theirs was authenticated. */
export function ownViewer(account: Account, requestId: string | null): Viewer {
  return {
    userId: account.id,
    name: account.name,
    institutionId: account.institutionId,
    institutionSlug: account.institutionSlug,
    roles: account.roles,
    scopes: [],
    reach: "tenant",
    requestId,
  };
}
