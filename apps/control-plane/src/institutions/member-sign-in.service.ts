import { Injectable } from "@nestjs/common";
import type { Institution, Member, OneTimePassword, WaysIn } from "@ziggurat/contracts";
import { hashPassword } from "../identity/passwords.js";
import { SecondFactors } from "../identity/second-factors.service.js";
import { newOneTimePassword } from "../identity/secrets.js";
import { UsersRepository } from "../identity/users.repository.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { Grants } from "./grants.service.js";

/** Whether an address is known elsewhere is asked past the asker's own sight, and never told. */
const beforeJoining = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "membership");

/**
 * What members of an institution sign in with, as its own administrators see and mend it. It is the institution's own business: the platform
 * lets another administrator in instead.
 */
@Injectable()
export class MemberSignIn {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: Grants,
    private readonly users: UsersRepository,
    private readonly secondFactors: SecondFactors,
  ) {}

  /** Which ways in somebody has; none of their secrets. */
  async waysIn(viewer: Viewer, slug: string, userId: string): Promise<WaysIn> {
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.member(tx, slug, userId);
      const account = await this.users.findById(tx, userId);
      if (account === null) throw hidden();
      const { has_app: hasApp, passkeys } = await this.secondFactors.held(tx, userId);
      return { hasPassword: account.passwordHash !== null, mustChangePassword: account.mustChangePassword, hasApp, passkeys };
    });
  }

  /** For whoever lost the authenticator and the recovery codes: the next sign-in asks for the password alone. */
  async resetSecondFactor(viewer: Viewer, slug: string, userId: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const { institution } = await this.member(tx, slug, userId);
      // A session or token that was found open must not take off what guards it.
      if (userId === viewer.userId) throw new Refusal("denied", "One's own second factor is ended with password and code, in Settings.");
      if (!(await this.secondFactors.remove(tx, userId))) throw hidden();
      await tx.audit({ institutionId: institution.id, action: "second_factor.reset", object: userId });
    });
  }

  /** For somebody whom a directory sent, or who forgot theirs: a password for the next sign-in, which must be changed there. */
  async givePassword(viewer: Viewer, slug: string, userId: string): Promise<OneTimePassword> {
    const oneTimePassword = newOneTimePassword();
    const member = await this.unitOfWork.run(viewer, (tx) => this.somebodyElse(tx, slug, userId));
    const passwordHash = await this.hashBeside(member.email, oneTimePassword);
    await this.unitOfWork.run(viewer, async (tx) => {
      const { email } = await this.somebodyElse(tx, slug, userId);
      // The hash was made beside those of the address that it had a moment ago.
      if (email !== member.email) throw new Refusal("conflict", "The member's address changed just now; try again.");
      await this.users.givePassword(tx, userId, passwordHash);
      await tx.audit({ institutionId: viewer.institutionId, action: "password.reset", object: userId });
    });
    return { oneTimePassword };
  }

  /** @see hashPassword: the time of a sign-in does not tell in how many institutions an address is known */
  async hashBeside(email: string, password: string): Promise<string> {
    const elsewhere = await this.unitOfWork.run(beforeJoining, (tx) => this.users.listByEmail(tx, email));
    return hashPassword(password, elsewhere.find(({ passwordHash }) => passwordHash !== null)?.passwordHash ?? null);
  }

  /** Nobody's session is proof of its owner. */
  private async somebodyElse(tx: Tx, slug: string, userId: string): Promise<Member> {
    const { member } = await this.member(tx, slug, userId);
    if (userId === tx.viewer.userId) throw new Refusal("denied", "One's own password is changed in Settings.");
    return member;
  }

  private async member(tx: Tx, slug: string, userId: string): Promise<{ readonly institution: Institution; readonly member: Member }> {
    const institution = await this.grants.manageable(tx, slug);
    const member = await this.users.findMember(tx, institution.id, userId);
    if (member === null) throw hidden();
    if (institution.id !== tx.viewer.institutionId) {
      throw new Refusal("denied", "What a member signs in with is seen to by an administrator of their own institution.");
    }
    return { institution, member };
  }
}
