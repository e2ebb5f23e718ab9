import { Injectable } from "@nestjs/common";
import type { AddedMember, AddMember, Institution, Member, OneTimePassword, Page, PageQuery, Role, Violation } from "@ziggurat/contracts";
import { checkPassword } from "../identity/check-password.js";
import { hashPassword } from "../identity/passwords.js";
import { SecondFactors } from "../identity/second-factors.service.js";
import { newOneTimePassword } from "../identity/secrets.js";
import { UsersRepository } from "../identity/users.repository.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, systemViewer, type Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { adminRole, adminsLock, checkRoles, lastAdmin } from "./check-membership.js";
import { InstitutionsRepository } from "./institutions.repository.js";

/** Whether an address is known elsewhere is asked past the asker's own sight, and never told. */
const beforeJoining = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "membership");

/** People of an institution: platform administrators manage all, institution administrators their own. */
@Injectable()
export class MembersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly institutions: InstitutionsRepository,
    private readonly users: UsersRepository,
    private readonly secondFactors: SecondFactors,
    private readonly cursors: Cursors,
  ) {}

  async list(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<Member>> {
    const binding = boundTo(viewer, `members?of=${slug}`);
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id } = await this.visible(tx, slug);
      const rows = await this.users.list(tx, id, limit + 1, String(after));
      const total = include === "total" ? { total: await this.users.count(tx, id) } : {};
      return { ...this.cursors.page(rows, limit, binding, (member) => [member.id]), ...total };
    });
  }

  async add(viewer: Viewer, slug: string, request: AddMember): Promise<AddedMember> {
    const oneTimePassword = request.password === undefined ? newOneTimePassword() : null;
    await this.unitOfWork.run(viewer, (tx) => this.manageable(tx, slug, request.roles));
    if (request.password !== undefined) refuseIfAny(checkPassword(request.password, { ...request, institution: slug }, "/password"));
    const passwordHash = await this.hashBeside(request.email, request.password ?? oneTimePassword ?? "");
    return this.unitOfWork
      .run(viewer, async (tx) => {
        const institution = await this.manageable(tx, slug, request.roles);
        const member = await this.users.insert(tx, {
          id: newId("user"),
          institutionId: institution.id,
          email: request.email,
          name: request.name,
          passwordHash,
          mustChangePassword: oneTimePassword !== null,
          roles: unique(request.roles),
        });
        await tx.audit({ institutionId: institution.id, action: "member.add", object: member.id, after: member });
        return { ...member, oneTimePassword };
      })
      .catch((error: unknown) => {
        throw databaseCode(error) === "23505" ? emailTaken() : error;
      });
  }

  async setRoles(viewer: Viewer, slug: string, userId: string, roles: readonly Role[]): Promise<Member> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.manageable(tx, slug, roles);
      const before = await this.member(tx, institution, userId);
      if (!roles.includes(adminRole(slug))) await this.keepAnAdmin(tx, institution, before);
      const after = { ...before, roles: unique(roles) };
      await this.users.setRoles(tx, userId, after.roles);
      await tx.audit({ institutionId: institution.id, action: "member.roles", object: userId, before, after });
      return after;
    });
  }

  async remove(viewer: Viewer, slug: string, userId: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.manageable(tx, slug, []);
      const member = await this.member(tx, institution, userId);
      await this.keepAnAdmin(tx, institution, member);
      await this.users.remove(tx, userId);
      await tx.audit({ institutionId: institution.id, action: "member.remove", object: userId, before: member });
    });
  }

  /** For whoever lost the authenticator and the recovery codes: the next sign-in asks for the password alone. */
  async resetSecondFactor(viewer: Viewer, slug: string, userId: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.manageable(tx, slug, []);
      await this.member(tx, institution, userId);
      // A session or token that was found open must not take off what guards it.
      if (userId === viewer.userId) throw new Refusal("denied", "One's own second factor is ended with password and code, in Settings.");
      // What people sign in with is their institution's own business; the platform lets another administrator in instead.
      if (institution.id !== viewer.institutionId) {
        throw new Refusal("denied", "A second factor is reset by an administrator of the member's own institution.");
      }
      if (!(await this.secondFactors.remove(tx, userId))) throw hidden();
      await tx.audit({ institutionId: institution.id, action: "second_factor.reset", object: userId });
    });
  }

  /** For somebody whom a directory sent, or who forgot theirs: a password for the next sign-in, which must be changed there. */
  async givePassword(viewer: Viewer, slug: string, userId: string): Promise<OneTimePassword> {
    const oneTimePassword = newOneTimePassword();
    const member = await this.unitOfWork.run(viewer, (tx) => this.ownMember(tx, slug, userId));
    const passwordHash = await this.hashBeside(member.email, oneTimePassword);
    await this.unitOfWork.run(viewer, async (tx) => {
      const { email } = await this.ownMember(tx, slug, userId);
      // The hash was made beside those of the address that it had a moment ago.
      if (email !== member.email) throw new Refusal("conflict", "The member's address changed just now; try again.");
      await this.users.givePassword(tx, userId, passwordHash);
      await tx.audit({ institutionId: viewer.institutionId, action: "password.reset", object: userId });
    });
    return { oneTimePassword };
  }

  /** Somebody else of the asker's own institution: how people sign in is its own business, and nobody's session is proof of its owner. */
  private async ownMember(tx: Tx, slug: string, userId: string): Promise<Member> {
    const institution = await this.manageable(tx, slug, []);
    const member = await this.member(tx, institution, userId);
    if (userId === tx.viewer.userId) throw new Refusal("denied", "One's own password is changed in Settings.");
    if (institution.id !== tx.viewer.institutionId) {
      throw new Refusal("denied", "A password is given by an administrator of the member's own institution.");
    }
    return member;
  }

  /** @see hashPassword: the time of a sign-in does not tell in how many institutions an address is known */
  private async hashBeside(email: string, password: string): Promise<string> {
    const elsewhere = await this.unitOfWork.run(beforeJoining, (tx) => this.users.listByEmail(tx, email));
    return hashPassword(password, elsewhere.find(({ passwordHash }) => passwordHash !== null)?.passwordHash ?? null);
  }

  private async visible(tx: Tx, slug: string): Promise<Institution> {
    const institution = await this.institutions.find(tx, slug);
    if (institution === null) throw hidden();
    return institution;
  }

  private async manageable(tx: Tx, slug: string, roles: readonly Role[]): Promise<Institution> {
    const institution = await this.visible(tx, slug);
    if (!hasRole(tx.viewer, "platform_admin") && !(hasRole(tx.viewer, "institution_admin") && tx.viewer.institutionId === institution.id)) {
      throw new Refusal("denied", "Members are managed by administrators.");
    }
    refuseIfAny(checkRoles(slug, roles));
    return institution;
  }

  private async member(tx: Tx, institution: Institution, userId: string): Promise<Member> {
    const member = await this.users.findMember(tx, institution.id, userId);
    if (member === null) throw hidden();
    return member;
  }

  /** Counted under a lock on the institution, so that two last administrators cannot remove each other at the same time. */
  private async keepAnAdmin(tx: Tx, institution: Institution, member: Member): Promise<void> {
    const role = adminRole(institution.slug);
    if (!member.roles.includes(role)) return;
    await tx.query("select pg_advisory_xact_lock(hashtext($1))", [adminsLock(institution.id)]);
    if ((await this.users.countOthersWithRole(tx, institution.id, member.id, role)) === 0) throw lastAdmin();
  }
}

const unique = (roles: readonly Role[]): Role[] => [...new Set(roles)];

function emailTaken(): Refusal {
  const violation: Violation = { code: "duplicate", detail: "this address cannot be added", pointer: "/email" };
  return new Refusal("conflict", "Someone with this address is a member already.", [violation]);
}
