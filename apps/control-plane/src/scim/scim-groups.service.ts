import { Injectable } from "@nestjs/common";
import { idOf } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { GROUP } from "./attributes.js";
import { GROUP_NAMES } from "./group-names.js";
import { GroupRoles } from "./group-roles.service.js";
import type { Json } from "./read-resource.js";
import { addressOf, versioned } from "./resource-view.js";
import { type ScimGroupRow, ScimGroupsRepository } from "./scim-groups.repository.js";
import { isAsked, type ListedBy, type ResourceQuery } from "./scim-query.js";
import { ScimResources } from "./scim-resources.js";
import { ScimUsersRepository } from "./scim-users.repository.js";

/** Groups of an institution's directory. What their members may do by them is an administrator's decision. */
@Injectable()
export class ScimGroups extends ScimResources<ScimGroupRow> {
  readonly type = GROUP;
  readonly names = GROUP_NAMES;
  protected readonly id = idOf("scimGroup");
  protected readonly taken = "A group of the directory has this displayName already.";

  constructor(
    protected readonly unitOfWork: UnitOfWork,
    private readonly groups: ScimGroupsRepository,
    private readonly people: ScimUsersRepository,
    protected readonly groupRoles: GroupRoles,
    private readonly address: PublicAddress,
  ) {
    super();
  }

  protected find(tx: Tx, id: string, query: Partial<ResourceQuery>): Promise<ScimGroupRow | null> {
    return this.groups.find(tx, id, isAsked("members", GROUP.schema, query));
  }

  protected rows(tx: Tx, by: ListedBy, query: ResourceQuery) {
    return this.groups.list(tx, by, isAsked("members", GROUP.schema, query));
  }

  protected async make(tx: Tx, sent: Json): Promise<string> {
    const facts = factsOf(sent);
    const id = newId("scimGroup");
    await this.groups.insert(tx, { id, ...facts });
    await this.groups.setMembers(tx, id, await this.known(tx, facts.members), []);
    await this.groupRoles.follow(tx, facts.members);
    await tx.audit({ institutionId: tx.viewer.institutionId, action: "scim_group.create", object: id, after: facts });
    return id;
  }

  /** The same once more changes nothing, and leaves no entry in the audit log. */
  protected async rewrite(tx: Tx, row: ScimGroupRow, sent: Json): Promise<void> {
    const after = factsOf(sent);
    const before = { name: row.name, externalId: row.external_id, members: idsOf(row) };
    const [was, is] = [new Set(before.members), new Set(after.members)];
    const added = after.members.filter((member) => !was.has(member));
    const removed = before.members.filter((member) => !is.has(member));
    const isRenamed = before.name !== after.name || before.externalId !== after.externalId;
    if (isRenamed) await this.groups.setFacts(tx, row.id, after.name, after.externalId);
    if (added.length + removed.length > 0) {
      await this.groups.setMembers(tx, row.id, await this.known(tx, added), removed);
      await this.groupRoles.follow(tx, [...added, ...removed]);
    }
    if (isRenamed || added.length + removed.length > 0) {
      await tx.audit({ institutionId: tx.viewer.institutionId, action: "scim_group.change", object: row.id, before, after });
    }
  }

  protected async end(tx: Tx, row: ScimGroupRow): Promise<void> {
    await this.groups.remove(tx, row.id);
    await this.groupRoles.follow(tx, idsOf(row));
    const before = { ...this.written(row), roles: row.roles };
    await tx.audit({ institutionId: tx.viewer.institutionId, action: "scim_group.remove", object: row.id, before });
  }

  protected written({ name, external_id, members }: ScimGroupRow): Json {
    return {
      ...(external_id === null ? {} : { externalId: external_id }),
      displayName: name,
      members: members.map(({ value }) => ({ value })),
    };
  }

  /** Its version is that of the group, whether its members were asked for or not. */
  protected view(row: ScimGroupRow): Json {
    const members = row.members.map((member) => ({ ...member, $ref: addressOf(this.address.url, "/Users", member.value), type: "User" }));
    const fields = { ...this.written(row), members: members.length === 0 ? undefined : members };
    return versioned(GROUP, this.address.url, row.id, row.created_at, row.updated_at, fields, [row.id, row.revision]);
  }

  /** @throws ScimRefusal the same for an id that nobody has and for one of another institution's */
  private async known(tx: Tx, ids: readonly string[]): Promise<readonly string[]> {
    const known = await this.people.known(tx, ids);
    if (known.length < ids.length) throw new ScimRefusal("invalid", "invalidValue", "members names somebody who is not in the directory.");
    return known;
  }
}

function factsOf({ displayName, externalId, members }: Json) {
  const name = String(displayName).trim();
  if (name === "" || name.length > 200) throw new ScimRefusal("invalid", "invalidValue", "displayName has from 1 to 200 characters.");
  return { name, externalId: typeof externalId === "string" ? externalId : null, members: memberIds(members) };
}

function memberIds(members: unknown): string[] {
  const ids = (Array.isArray(members) ? members : []).map((member: Json) => {
    if (isGroup(member))
      throw new ScimRefusal("invalid", "invalidValue", "Groups in groups are not kept; send the people who are in them.");
    if (typeof member.value !== "string") throw new ScimRefusal("invalid", "invalidValue", "A member has a value: the id of a person.");
    return member.value;
  });
  return [...new Set(ids)];
}

/** By what the client says of it, whether there is such a group or not. */
function isGroup({ type, value, $ref }: Json): boolean {
  const isOfGroups = typeof $ref === "string" && /\/Groups\/[^/]*$/.test($ref);
  return String(type ?? "").toLowerCase() === "group" || isOfGroups || idOf("scimGroup").safeParse(value).success;
}

const idsOf = ({ members }: ScimGroupRow): string[] => members.map(({ value }) => value);
