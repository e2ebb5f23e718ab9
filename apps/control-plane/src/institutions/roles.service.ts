import { Injectable } from "@nestjs/common";
import {
  AccountId,
  type ChangeRole,
  type CreateRole,
  type CustomRole,
  type Page,
  type PageQuery,
  type PreviewRole,
  ROLES,
  Role,
  type RolePreview,
  type Scope,
  type Violation,
} from "@ziggurat/contracts";
import { scopesOf } from "../identity/rights.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { checkRoleScopes, toOneself } from "./check-grant.js";
import { Grants, unique } from "./grants.service.js";
import { RolesRepository } from "./roles.repository.js";

/** Roles that an institution makes for itself. They are read anew with every request, so a change holds from the next one on. */
@Injectable()
export class RolesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly grants: Grants,
    private readonly roles: RolesRepository,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<CustomRole>> {
    const binding = boundTo(viewer, `roles?of=${slug}`);
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id } = await this.grants.visible(tx, slug);
      const rows = await this.roles.list(tx, id, limit + 1, String(after));
      const total = include === "total" ? { total: await this.roles.count(tx, id) } : {};
      return { ...this.cursors.page(rows, limit, binding, (role) => [role.id]), ...total };
    });
  }

  get(viewer: Viewer, slug: string, id: string): Promise<CustomRole> {
    return this.unitOfWork.run(viewer, async (tx) => this.found(await this.roles.find(tx, (await this.grants.visible(tx, slug)).id, id)));
  }

  async create(viewer: Viewer, slug: string, { scopes, ...request }: CreateRole): Promise<CustomRole> {
    const id = newId("role");
    return this.unitOfWork
      .run(viewer, async (tx) => {
        const institution = await this.grants.manageable(tx, slug);
        refuseIfAny([...checkName(request.name), ...checkRoleScopes(slug, scopes, viewer.scopes)]);
        await this.roles.insert(tx, id, institution.id, { ...request, scopes: unique(scopes) });
        const made = this.found(await this.roles.find(tx, institution.id, id));
        await tx.audit({ institutionId: institution.id, action: "role.create", object: id, after: made });
        return made;
      })
      .catch(nameTaken);
  }

  /** Who would gain or lose what, all of their roles considered. Writes nothing. */
  preview(viewer: Viewer, slug: string, id: string, { scopes }: PreviewRole): Promise<RolePreview> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.manageable(tx, slug);
      const role = this.found(await this.roles.find(tx, institution.id, id));
      return { holders: await this.affected(tx, role, scopes) };
    });
  }

  /** Only what is added is asked of who changes it: taking away is always allowed to those who manage people. */
  async change(viewer: Viewer, slug: string, id: string, request: ChangeRole): Promise<CustomRole> {
    return this.unitOfWork
      .run(viewer, async (tx) => {
        const institution = await this.grants.manageable(tx, slug);
        const before = this.found(await this.roles.lock(tx, institution.id, id));
        const { name = before.name, description = before.description, scopes = before.scopes } = request;
        const broken = checkRoleScopes(slug, scopes, [...viewer.scopes, ...before.scopes]);
        refuseIfAny([...checkName(name), ...broken, ...(await this.toOneself(tx, before, scopes))]);
        await this.roles.change(tx, { id: before.id, name, description, scopes: unique(scopes) });
        const after = this.found(await this.roles.find(tx, institution.id, id));
        await tx.audit({ institutionId: institution.id, action: "role.change", object: id, before, after });
        return after;
      })
      .catch(nameTaken);
  }

  /** @throws Refusal `conflict` while somebody holds it, or a group gives it */
  async remove(viewer: Viewer, slug: string, id: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      const institution = await this.grants.manageable(tx, slug);
      const role = this.found(await this.roles.lock(tx, institution.id, id));
      const users = [
        ...(role.holders > 0 ? [`${role.holders} people or service accounts hold it`] : []),
        ...(role.groups > 0 ? [`${role.groups} groups give it`] : []),
      ];
      if (users.length > 0) {
        const detail = `${users.join(", and ")}; take it from them first`;
        throw new Refusal("conflict", detail, [{ code: "role_in_use", detail }]);
      }
      await this.roles.remove(tx, id);
      await tx.audit({ institutionId: institution.id, action: "role.remove", object: id, before: role });
    });
  }

  /** Whoever holds a role does not add the release to it: they would make themselves somebody who releases. */
  private async toOneself(tx: Tx, before: CustomRole, scopes: readonly Scope[]): Promise<Violation[]> {
    const held = async () => (await this.roles.holders(tx, before.id)).some(({ id }) => id === tx.viewer.userId);
    const added = scopes.includes("models:release") && !before.scopes.includes("models:release");
    return added && (await held()) ? [toOneself(`/scopes/${scopes.indexOf("models:release")}`)] : [];
  }

  private async affected(tx: Tx, role: CustomRole, scopes: readonly Scope[]): Promise<RolePreview["holders"]> {
    return (await this.roles.holders(tx, role.id)).map((holder) => {
      const rights = (own: readonly Scope[]) =>
        scopesOf({ roles: holder.roles.map((name) => Role.parse(name)), customScopes: [...holder.others, ...own] });
      const [now, then] = [rights(role.scopes), rights(scopes)];
      return {
        user: AccountId.parse(holder.id),
        name: holder.name,
        isService: holder.is_service,
        gains: then.filter((scope) => !now.includes(scope)),
        loses: now.filter((scope) => !then.includes(scope)),
      };
    });
  }

  private found(role: CustomRole | null): CustomRole {
    if (role === null) throw hidden();
    return role;
  }
}

/** The access review names roles, so one of the institution's own is not called as a built-in one. */
function checkName(name: string) {
  const isBuiltIn = ROLES.some((role) => role === name.toLowerCase().replaceAll(/[\s-]+/g, "_"));
  return isBuiltIn ? [{ code: "role_name", detail: `${name} is the name of a built-in role`, pointer: "/name" }] : [];
}

function nameTaken(error: unknown): never {
  if (databaseCode(error) !== "23505") throw error;
  throw new Refusal("conflict", "There is a role of this name already.", [
    { code: "duplicate", detail: "another role has this name", pointer: "/name" },
  ]);
}
