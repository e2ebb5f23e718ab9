import { Injectable } from "@nestjs/common";
import { idOf } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden } from "../platform/errors/refusal.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { GROUP } from "./attributes.js";
import { GroupRoles } from "./group-roles.service.js";
import { parseFilter } from "./parse-filter.js";
import { patched } from "./read-patch.js";
import { type Json, readResource } from "./read-resource.js";
import { addressOf, refuseStale, versioned } from "./resource-view.js";
import { type ScimGroupRow, ScimGroupsRepository } from "./scim-groups.repository.js";
import { type Found, isAsked, type ListQuery, type ResourceQuery } from "./scim-query.js";
import { ScimUsersRepository } from "./scim-users.repository.js";

/** Groups of an institution's directory. What their members may do by them is an administrator's decision. */
@Injectable()
export class ScimGroups {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly groups: ScimGroupsRepository,
    private readonly people: ScimUsersRepository,
    private readonly groupRoles: GroupRoles,
    private readonly address: PublicAddress,
  ) {}

  async list(viewer: Viewer, query: ListQuery): Promise<Found> {
    const filter = query.filter === undefined ? null : parseFilter(query.filter);
    const by = {
      filter,
      sortBy: query.sortBy ?? null,
      isDescending: query.sortOrder?.toLowerCase() === "descending",
      offset: query.startIndex - 1,
      limit: query.count,
    };
    const withMembers = isAsked("members", GROUP.schema, query);
    const { total, rows } = await this.unitOfWork.run(viewer, (tx) => this.groups.list(tx, by, withMembers));
    return { total, resources: rows.map((row) => this.view(row)) };
  }

  async get(viewer: Viewer, id: string, query: ResourceQuery): Promise<Json> {
    return this.view(await this.unitOfWork.run(viewer, (tx) => this.row(tx, id, isAsked("members", GROUP.schema, query))));
  }

  create(viewer: Viewer, body: unknown): Promise<Json> {
    const facts = factsOf(readResource(GROUP, body));
    return this.writing(viewer, async (tx) => {
      const id = newId("scimGroup");
      await this.groups.insert(tx, { id, ...facts });
      await this.groups.setMembers(tx, id, await this.known(tx, facts.members), []);
      await this.groupRoles.follow(tx, facts.members);
      await tx.audit({ institutionId: viewer.institutionId, action: "scim_group.create", object: id, after: facts });
      return id;
    });
  }

  replace(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, () => readResource(GROUP, body));
  }

  patch(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, (row) => patched(GROUP, fieldsOf(row), body));
  }

  async delete(viewer: Viewer, id: string, ifMatch: string | undefined): Promise<void> {
    await this.unitOfWork.run(viewer, (tx) =>
      this.groupRoles.changing(tx, async () => {
        const row = await this.row(tx, id);
        refuseStale(ifMatch, this.view(row));
        await this.groups.remove(tx, id);
        await this.groupRoles.follow(tx, idsOf(row));
        await tx.audit({
          institutionId: viewer.institutionId,
          action: "scim_group.remove",
          object: id,
          before: { ...fieldsOf(row), roles: row.roles },
        });
      }),
    );
  }

  /** The same once more changes nothing, and leaves no entry in the audit log. */
  private change(viewer: Viewer, id: string, ifMatch: string | undefined, read: (row: ScimGroupRow) => Json): Promise<Json> {
    return this.writing(viewer, async (tx) => {
      const row = await this.row(tx, id);
      refuseStale(ifMatch, this.view(row));
      const after = factsOf(read(row));
      const before = { name: row.name, externalId: row.external_id, members: idsOf(row) };
      const was = new Set(before.members);
      const is = new Set(after.members);
      const added = after.members.filter((member) => !was.has(member));
      const removed = before.members.filter((member) => !is.has(member));
      const isRenamed = before.name !== after.name || before.externalId !== after.externalId;
      if (isRenamed) await this.groups.setFacts(tx, id, after.name, after.externalId);
      if (added.length + removed.length > 0) {
        await this.groups.setMembers(tx, id, await this.known(tx, added), removed);
        await this.groupRoles.follow(tx, [...added, ...removed]);
      }
      if (isRenamed || added.length + removed.length > 0) {
        await tx.audit({ institutionId: viewer.institutionId, action: "scim_group.change", object: id, before, after });
      }
      return id;
    });
  }

  /** @throws ScimRefusal the same for an id that nobody has and for one of another institution's */
  private async known(tx: Tx, ids: readonly string[]): Promise<readonly string[]> {
    const known = await this.people.known(tx, ids);
    if (known.length < ids.length) throw new ScimRefusal("invalid", "invalidValue", "members names somebody who is not in the directory.");
    return known;
  }

  private async writing(viewer: Viewer, write: (tx: Tx) => Promise<string>): Promise<Json> {
    try {
      return await this.unitOfWork.run(viewer, (tx) =>
        this.groupRoles.changing(tx, async () => this.view(await this.row(tx, await write(tx)))),
      );
    } catch (error) {
      if (databaseCode(error) !== "23505") throw error;
      throw new ScimRefusal("conflict", "uniqueness", "A group of the directory has this displayName already.");
    }
  }

  private async row(tx: Tx, id: string, withMembers = true): Promise<ScimGroupRow> {
    const row = GroupId.safeParse(id).success ? await this.groups.find(tx, id, withMembers) : null;
    if (row === null) throw hidden();
    return row;
  }

  private view(row: ScimGroupRow): Json {
    const members = row.members.map((member) => ({ ...member, $ref: addressOf(this.address.url, "/Users", member.value), type: "User" }));
    return versioned(GROUP, this.address.url, row.id, row.created_at, row.updated_at, {
      ...fieldsOf(row),
      ...(members.length === 0 ? { members: undefined } : { members }),
    });
  }
}

const GroupId = idOf("scimGroup");

function factsOf({ displayName, externalId, members }: Json) {
  const name = String(displayName).trim();
  if (name === "" || name.length > 200) throw new ScimRefusal("invalid", "invalidValue", "displayName has from 1 to 200 characters.");
  return { name, externalId: typeof externalId === "string" ? externalId : null, members: memberIds(members) };
}

function memberIds(members: unknown): string[] {
  const ids = (Array.isArray(members) ? members : []).map((member: Json) => {
    if (typeof member.value !== "string") throw new ScimRefusal("invalid", "invalidValue", "A member has a value: the id of a person.");
    return member.value;
  });
  return [...new Set(ids)];
}

function fieldsOf({ name, external_id, members }: ScimGroupRow): Json {
  return {
    ...(external_id === null ? {} : { externalId: external_id }),
    displayName: name,
    members: members.map(({ value }) => ({ value })),
  };
}

const idsOf = ({ members }: ScimGroupRow): string[] => members.map(({ value }) => value);
