import { Injectable } from "@nestjs/common";
import type { ChangeServiceAccount, CreateServiceAccount, Institution, Page, PageQuery, ServiceAccount } from "@ziggurat/contracts";
import { UsersRepository } from "../identity/users.repository.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import type { Held } from "./check-grant.js";
import { Grants, unique } from "./grants.service.js";
import { RolesRepository } from "./roles.repository.js";
import { ServiceAccountsRepository } from "./service-accounts.repository.js";

/** Programs that work for an institution: made by its administrators, answered for by a member, without a password or a sign-in. */
@Injectable()
export class ServiceAccounts {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: Grants,
    private readonly roles: RolesRepository,
    private readonly users: UsersRepository,
    private readonly accounts: ServiceAccountsRepository,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<ServiceAccount>> {
    const binding = boundTo(viewer, `service accounts?of=${slug}`);
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id } = await this.grants.visible(tx, slug);
      const rows = await this.accounts.list(tx, id, limit + 1, String(after));
      const total = include === "total" ? { total: await this.accounts.count(tx, id) } : {};
      return { ...this.cursors.page(rows, limit, binding, (account) => [account.id]), ...total };
    });
  }

  get(viewer: Viewer, slug: string, id: string): Promise<ServiceAccount> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.visible(tx, slug);
      return found(await this.accounts.find(tx, institution.id, id));
    });
  }

  async create(viewer: Viewer, slug: string, request: CreateServiceAccount): Promise<ServiceAccount> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.own(tx, slug);
      const wanted: Held = { roles: unique(request.roles), customRoles: unique(request.customRoles), tiers: request.tiers ?? null };
      await this.grants.check(tx, institution, wanted, null, { holder: "service" });
      await this.refuseUnknown(tx, institution, request.responsible);
      const id = newId("serviceAccount");
      const { name, purpose, responsible } = request;
      await this.accounts.insert(tx, { id, institutionId: institution.id, name, purpose, responsible, ...wanted });
      await this.roles.hold(tx, institution.id, id, wanted.customRoles);
      const made = found(await this.accounts.find(tx, institution.id, id));
      await tx.audit({ institutionId: institution.id, action: "service_account.create", object: id, after: made });
      return made;
    });
  }

  async change(viewer: Viewer, slug: string, id: string, request: ChangeServiceAccount): Promise<ServiceAccount> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.own(tx, slug);
      const before = found(await this.accounts.lock(tx, institution.id, id));
      const held: Held = {
        roles: before.roles,
        customRoles: before.customRoles.map((role) => role.id),
        tiers: before.tiers.length === 0 ? null : before.tiers,
      };
      const roles = unique(request.roles ?? held.roles);
      const wanted: Held = {
        roles,
        customRoles: unique(request.customRoles ?? held.customRoles),
        tiers: request.tiers ?? (roles.includes("platform_engineer") ? held.tiers : null),
      };
      await this.grants.check(tx, institution, wanted, held, { holder: "service" });
      const { name = before.name, purpose = before.purpose, responsible = before.responsible.id } = request;
      if (responsible !== before.responsible.id) await this.refuseUnknown(tx, institution, responsible);
      await this.accounts.change(tx, { id, institutionId: institution.id, name, purpose, responsible, ...wanted });
      await this.roles.hold(tx, institution.id, id, wanted.customRoles);
      const after = found(await this.accounts.find(tx, institution.id, id));
      await tx.audit({ institutionId: institution.id, action: "service_account.change", object: id, before, after });
      return after;
    });
  }

  /** Its tokens open nothing from the next request on. */
  async remove(viewer: Viewer, slug: string, id: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.own(tx, slug);
      const account = found(await this.accounts.lock(tx, institution.id, id));
      await this.users.remove(tx, id);
      await tx.audit({ institutionId: institution.id, action: "service_account.remove", object: id, before: account });
    });
  }

  private async refuseUnknown(tx: Tx, institution: Institution, responsible: string): Promise<void> {
    if (await this.accounts.responsible(tx, institution.id, responsible)) return;
    refuseIfAny([{ code: "responsible_unknown", detail: "there is no such member who could answer for it", pointer: "/responsible" }]);
  }
}

function found(account: ServiceAccount | null): ServiceAccount {
  if (account === null) throw hidden();
  return account;
}
