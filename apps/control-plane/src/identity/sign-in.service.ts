import { Injectable } from "@nestjs/common";
import type { ChangePassword, LoginRequest, Me } from "@ziggurat/contracts";
import { Me as MeShape } from "@ziggurat/contracts";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import type { Credential } from "../platform/http/current-viewer.js";
import { checkPassword } from "./check-password.js";
import { LoginBackoff } from "./login-backoff.js";
import { hashPassword, whosePassword } from "./passwords.js";
import { SecondFactors, wrongCode } from "./second-factors.service.js";
import { hashOf, newSecret } from "./secrets.js";
import { SessionsRepository } from "./sessions.repository.js";
import { type Account, UsersRepository } from "./users.repository.js";

/** Before there is a viewer, and where one person looks at their accounts of several institutions. */
export const beforeSignIn = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Sessions of people: signing in, who am I, a new password. */
@Injectable()
export class SignInService {
  private readonly backoff = new LoginBackoff();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsRepository,
    private readonly secondFactors: SecondFactors,
  ) {}

  /**
   * Opens a session. An unknown address and a wrong password give the same answer in the same time. Several institutions may know an
   * address: the password tells which is meant, and where it is the same in two, the request says it or the first to know it is.
   * @param address where the request came from; guessing is slowed down per address and account
   */
  async signIn(request: LoginRequest, address: string, requestId: string): Promise<OpenedSession> {
    const account = await this.prove(request, address);
    return this.unitOfWork.run(ownViewer(account, requestId), (tx) => this.open(tx, account, null));
  }

  /** Whose password and second factor these are. Opens nothing. @throws Refusal when they are nobody's, or tried too often */
  async prove(request: LoginRequest, address: string): Promise<Account> {
    const wait = this.backoff.waitSeconds(address, request.email, Date.now());
    if (wait > 0) throw new Refusal("limited", "Too many wrong passwords; wait a little.", [], { "retry-after": String(wait) });
    const known = await this.unitOfWork.run(beforeSignIn, (tx) => this.users.listByEmail(tx, request.email));
    const asked = known.filter(({ institutionSlug }) => request.institution === undefined || request.institution === institutionSlug);
    const account = await whosePassword(asked, request.password);
    if (account === null) {
      this.backoff.failedAt(address, request.email, Date.now());
      await this.noteRefusal(asked, address);
      throw new Refusal("invalid_credentials", "Email or password is wrong.");
    }
    const second = await this.unitOfWork.run(beforeSignIn, (tx) => this.secondFactors.check(tx, account.id, request.code));
    if (second === "missing") throw new Refusal("second_factor_required", "Send the code of your authenticator, or a recovery code.");
    if (second === "wrong") {
      this.backoff.failedAt(address, request.email, Date.now());
      await this.noteRefusal([account], address, "wrong code of the second factor");
      throw new Refusal("second_factor_required", "The code is wrong, or was used already.", [wrongCode("/code")]);
    }
    this.backoff.succeeded(address, request.email);
    return account;
  }

  /** A session of an account that was proven, in the family of a browser or in none. */
  async open(tx: Tx, account: Account, family: string | null): Promise<OpenedSession> {
    const [secret, csrfToken] = [newSecret(), newSecret()];
    await this.sessions.sweep(tx);
    const { id: userId, institutionId } = account;
    await this.sessions.insert(tx, { id: newId("session"), institutionId, userId, secretHash: hashOf(secret), csrfToken, family });
    await tx.audit({ institutionId, action: "session.open", object: userId });
    return { secret, csrfToken };
  }

  /** An address that nobody has is noted as well, in the platform's log: the same work, so that the time it takes tells nothing. */
  private async noteRefusal(accounts: readonly Account[], address: string, why = "wrong email or password"): Promise<void> {
    const meant = accounts.length === 0 ? [{ institutionId: PLATFORM_ID, id: "nobody" }] : accounts;
    const reason = `${why}, from ${address}`;
    await this.unitOfWork.run(beforeSignIn, (tx) =>
      tx.auditAll(meant.map(({ institutionId, id }) => ({ institutionId, action: "session.refused", object: id, reason }))),
    );
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
      mustChangePassword: account.mustChangePassword,
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

/** What a browser is handed: the cookie, and what unsafe calls send beside it. */
export interface OpenedSession {
  readonly secret: string;
  readonly csrfToken: string;
}

export function ownViewer(account: Account, requestId: string): Viewer {
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
