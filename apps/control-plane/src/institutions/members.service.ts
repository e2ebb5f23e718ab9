import { Injectable } from "@nestjs/common";
import type { AddedMember, AddMember, Institution, Member, Page, PageQuery, UpdateMember, Violation } from "@ziggurat/contracts";
import { checkPassword } from "../identity/check-password.js";
import { newOneTimePassword } from "../identity/secrets.js";
import { tiersOf, UsersRepository } from "../identity/users.repository.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import type { Held } from "./check-grant.js";
import { adminRole, adminsLock, lastAdmin } from "./check-membership.js";
import { Grants, wantedOf } from "./grants.service.js";
import { MemberSignIn } from "./member-sign-in.service.js";
import { RolesRepository } from "./roles.repository.js";
import { ServiceAccountsRepository } from "./service-accounts.repository.js";

/** People of an institution: platform administrators manage all, institution administrators their own. */
@Injectable()
export class MembersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: Grants,
    private readonly users: UsersRepository,
    private readonly roles: RolesRepository,
    private readonly services: ServiceAccountsRepository,
    private readonly signIn: MemberSignIn,
    private readonly cursors: Cursors,
  ) {}

  async list(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<Member>> {
    const binding = boundTo(viewer, `members?of=${slug}`);
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id } = await this.grants.visible(tx, slug);
      const rows = await this.users.list(tx, id, limit + 1, String(after));
      const total = include === "total" ? { total: await this.users.count(tx, id) } : {};
      return { ...this.cursors.page(rows, limit, binding, (member) => [member.id]), ...total };
    });
  }

  async add(viewer: Viewer, slug: string, request: AddMember): Promise<AddedMember> {
    const oneTimePassword = request.password === undefined ? newOneTimePassword() : null;
    const wanted = wantedOf(request, null);
    await this.unitOfWork.run(viewer, async (tx) => this.grants.check(tx, await this.grants.manageable(tx, slug), wanted, null));
    if (request.password !== undefined) refuseIfAny(checkPassword(request.password, { ...request, institution: slug }, "/password"));
    const passwordHash = await this.signIn.hashBeside(request.email, request.password ?? oneTimePassword ?? "");
    return this.unitOfWork
      .run(viewer, async (tx) => {
        const institution = await this.grants.manageable(tx, slug);
        const customRoles = await this.grants.check(tx, institution, wanted, null);
        const added = await this.users.insert(tx, {
          id: newId("user"),
          institutionId: institution.id,
          email: request.email,
          name: request.name,
          passwordHash,
          mustChangePassword: oneTimePassword !== null,
          roles: wanted.roles,
          tiers: wanted.tiers,
        });
        await this.roles.hold(tx, institution.id, added.id, wanted.customRoles);
        const member = { ...added, customRoles };
        await tx.audit({ institutionId: institution.id, action: "member.add", object: member.id, after: member });
        return { ...member, oneTimePassword };
      })
      .catch((error: unknown) => {
        throw databaseCode(error) === "23505" ? emailTaken() : error;
      });
  }

  /** What is left out of roles of the institution's own and of tiers stays as it was. */
  async setRoles(viewer: Viewer, slug: string, userId: string, request: UpdateMember): Promise<Member> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.manageable(tx, slug);
      const before = await this.member(tx, institution, userId);
      const held = { roles: before.roles, customRoles: before.customRoles.map(({ id }) => id), tiers: tiersSaid(before) };
      const wanted = wantedOf(request, held);
      const customRoles = await this.grants.check(tx, institution, wanted, held, { isOneself: userId === viewer.userId });
      if (!wanted.roles.includes(adminRole(slug))) await this.keepAnAdmin(tx, institution, before);
      await this.users.setRoles(tx, userId, wanted.roles, wanted.tiers);
      await this.roles.hold(tx, institution.id, userId, wanted.customRoles);
      const after = { ...before, roles: [...wanted.roles], customRoles, tiers: tiersOf(wanted) };
      await tx.audit({ institutionId: institution.id, action: "member.roles", object: userId, before, after });
      return after;
    });
  }

  async remove(viewer: Viewer, slug: string, userId: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.manageable(tx, slug);
      const member = await this.member(tx, institution, userId);
      await this.keepAnAdmin(tx, institution, member);
      const programs = await this.services.namesBehind(tx, userId);
      if (programs.length > 0) throw answersFor(programs);
      await this.users.remove(tx, userId);
      await tx.audit({ institutionId: institution.id, action: "member.remove", object: userId, before: member });
    });
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

/** Engineers from before there was a choice work at every tier, and go on doing so. */
function tiersSaid({ tiers }: Member): Held["tiers"] {
  return tiers.length === 0 ? null : tiers;
}

function answersFor(programs: readonly string[]): Refusal {
  const detail = `answers for ${programs.join(", ")}; name somebody else there first`;
  return new Refusal("conflict", detail, [{ code: "answers_for_services", detail }]);
}

function emailTaken(): Refusal {
  const violation: Violation = { code: "duplicate", detail: "this address cannot be added", pointer: "/email" };
  return new Refusal("conflict", "Someone with this address is a member already.", [violation]);
}
