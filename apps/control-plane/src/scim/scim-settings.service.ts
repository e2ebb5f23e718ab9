import { Injectable } from "@nestjs/common";
import type { MapScimGroup, Page, PageQuery, ScimDoor, ScimGroup } from "@ziggurat/contracts";
import { checkRoles } from "../institutions/check-membership.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { SCIM_PREFIX } from "../platform/errors/scim-refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { GroupRoles } from "./group-roles.service.js";
import { ScimGroupsRepository } from "./scim-groups.repository.js";
import { ScimUsesRepository } from "./scim-uses.repository.js";

/** What administrators see and decide of their institution's directory. It is its own business: the platform's people do not see it. */
@Injectable()
export class ScimSettings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly uses: ScimUsesRepository,
    private readonly scimGroups: ScimGroupsRepository,
    private readonly groupRoles: GroupRoles,
    private readonly cursors: Cursors,
    private readonly address: PublicAddress,
  ) {}

  async door(viewer: Viewer, slug: string): Promise<ScimDoor> {
    refuseOthers(viewer, slug);
    const { last_used_at, last_token, people, groups } = await this.unitOfWork.run(viewer, (tx) => this.uses.find(tx));
    return {
      baseUrl: `${this.address.url}${SCIM_PREFIX}`,
      lastUsedAt: last_used_at?.toISOString() ?? null,
      lastToken: last_token,
      people,
      groups,
    };
  }

  groups(viewer: Viewer, slug: string, { limit, cursor, include }: PageQuery): Promise<Page<ScimGroup>> {
    refuseOthers(viewer, slug);
    const binding = boundTo(viewer, `scim groups?of=${slug}`);
    const [name, id] = this.cursors.decode(cursor, binding) ?? [];
    return this.unitOfWork.run(viewer, async (tx) => {
      const after = name === undefined ? null : ([String(name), String(id)] as const);
      const rows = await this.scimGroups.page(tx, limit + 1, after);
      const total = include === "total" ? { total: await this.scimGroups.count(tx) } : {};
      return { ...this.cursors.page(rows, limit, binding, (group) => [group.name, group.id]), ...total };
    });
  }

  /** What the members of a group may do by it, from now on: every one of them at once. */
  map(viewer: Viewer, slug: string, id: string, { roles }: MapScimGroup): Promise<ScimGroup> {
    refuseOthers(viewer, slug);
    if (!hasRole(viewer, "institution_admin", "platform_admin")) {
      throw new Refusal("denied", "What groups give is decided by administrators.");
    }
    refuseIfAny(checkRoles(slug, roles));
    return this.unitOfWork.run(viewer, (tx) =>
      this.groupRoles.changing(tx, async () => {
        const before = await this.scimGroups.shown(tx, id);
        if (before === null) throw hidden();
        const given = [...new Set(roles)];
        await this.scimGroups.setRoles(tx, id, given);
        await this.groupRoles.follow(tx, await this.scimGroups.memberIds(tx, id));
        const after = { ...before, roles: given };
        await tx.audit({ institutionId: viewer.institutionId, action: "scim_group.map", object: id, before, after });
        return after;
      }),
    );
  }
}

function refuseOthers(viewer: Viewer, slug: string): void {
  if (slug === viewer.institutionSlug) return;
  if (viewer.reach === "tenant") throw hidden();
  throw new Refusal("denied", "An institution's directory is its own business.");
}
