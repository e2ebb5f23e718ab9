import { Injectable } from "@nestjs/common";
import type { MapScimGroup, Page, PageQuery, ScimDoor, ScimGroup } from "@ziggurat/contracts";
import { Grants, wantedOf } from "../institutions/grants.service.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
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
    private readonly grants: Grants,
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
  map(viewer: Viewer, slug: string, id: string, request: MapScimGroup): Promise<ScimGroup> {
    refuseOthers(viewer, slug);
    if (!hasRole(viewer, "institution_admin", "platform_admin")) {
      throw new Refusal("denied", "What groups give is decided by administrators.");
    }
    return this.unitOfWork.run(viewer, (tx) =>
      this.groupRoles.changing(tx, async () => {
        const institution = await this.grants.own(tx, slug);
        const before = this.found(await this.scimGroups.shown(tx, id));
        const held = await this.scimGroups.grant(tx, id);
        const wanted = wantedOf(request, held);
        const members = await this.scimGroups.memberIds(tx, id);
        await this.grants.check(tx, institution, wanted, held, { holder: "group", isOneself: members.includes(viewer.userId) });
        await this.scimGroups.setGrant(tx, id, wanted);
        await this.groupRoles.follow(tx, members);
        const after = this.found(await this.scimGroups.shown(tx, id));
        await tx.audit({ institutionId: viewer.institutionId, action: "scim_group.map", object: id, before, after });
        return after;
      }),
    );
  }

  private found(group: ScimGroup | null): ScimGroup {
    if (group === null) throw hidden();
    return group;
  }
}

function refuseOthers(viewer: Viewer, slug: string): void {
  if (slug === viewer.institutionSlug) return;
  if (viewer.reach === "tenant") throw hidden();
  throw new Refusal("denied", "An institution's directory is its own business.");
}
