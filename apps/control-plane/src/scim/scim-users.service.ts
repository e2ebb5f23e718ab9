import { Injectable } from "@nestjs/common";
import { Email, idOf } from "@ziggurat/contracts";
import { UsersRepository } from "../identity/users.repository.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden } from "../platform/errors/refusal.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { USER } from "./attributes.js";
import { GroupRoles } from "./group-roles.service.js";
import { parseFilter } from "./parse-filter.js";
import { patched } from "./read-patch.js";
import { type Json, readResource } from "./read-resource.js";
import { addressOf, refuseStale, versioned } from "./resource-view.js";
import { type Found, type ListQuery } from "./scim-query.js";
import { type ScimUserRow, ScimUsersRepository } from "./scim-users.repository.js";

/** People whom an institution's directory sends: joiners, movers and leavers. */
@Injectable()
export class ScimUsers {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly people: ScimUsersRepository,
    private readonly users: UsersRepository,
    private readonly groupRoles: GroupRoles,
    private readonly address: PublicAddress,
  ) {}

  async list(viewer: Viewer, query: ListQuery): Promise<Found> {
    const filter = query.filter === undefined ? null : parseFilter(query.filter);
    const { total, rows } = await this.unitOfWork.run(viewer, (tx) =>
      this.people.list(tx, {
        filter,
        sortBy: query.sortBy ?? null,
        isDescending: query.sortOrder?.toLowerCase() === "descending",
        offset: query.startIndex - 1,
        limit: query.count,
      }),
    );
    return { total, resources: rows.map((row) => this.view(row)) };
  }

  async get(viewer: Viewer, id: string): Promise<Json> {
    return this.view(await this.unitOfWork.run(viewer, (tx) => this.row(tx, id)));
  }

  /** Somebody new, who has no password: they sign in through the institution's provider, or are given one. */
  create(viewer: Viewer, body: unknown): Promise<Json> {
    const person = personOf(readResource(USER, body), null);
    return this.writing(viewer, async (tx) => {
      if (await this.people.isTaken(tx, person.email, "")) throw taken();
      const member = await this.users.insert(tx, {
        id: newId("user"),
        institutionId: viewer.institutionId,
        email: person.email,
        name: person.name,
        passwordHash: null,
        mustChangePassword: false,
        roles: [],
        tiers: null,
      });
      await this.people.put(tx, member.id, person.externalId, person.attributes);
      if (person.isActive === false) await this.users.remove(tx, member.id);
      await tx.audit({ institutionId: viewer.institutionId, action: "member.add", object: member.id, after: member });
      return member.id;
    });
  }

  replace(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, () => readResource(USER, body));
  }

  patch(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, (row) => patched(USER, { ...fieldsOf(row), ...externalIdOf(row) }, body));
  }

  /** The person is out within seconds: every request looks up anew who asks. */
  async delete(viewer: Viewer, id: string, ifMatch: string | undefined): Promise<void> {
    await this.unitOfWork.run(viewer, (tx) =>
      this.groupRoles.changing(tx, async () => {
        const row = await this.row(tx, id);
        refuseStale(ifMatch, this.view(row));
        if (row.is_active) await this.users.remove(tx, id);
        await this.people.delete(tx, id);
        await tx.audit({
          institutionId: viewer.institutionId,
          action: "member.remove",
          object: id,
          reason: "by the directory",
          before: factsOf(row),
        });
      }),
    );
  }

  /** The same once more changes nothing, and leaves no entry in the audit log. */
  private change(viewer: Viewer, id: string, ifMatch: string | undefined, read: (row: ScimUserRow) => Json): Promise<Json> {
    return this.writing(viewer, async (tx) => {
      const row = await this.row(tx, id);
      refuseStale(ifMatch, this.view(row));
      const person = personOf(read(row), row.name);
      const wasActive = row.is_active;
      const isActive = person.isActive ?? wasActive;
      const before = factsOf(row);
      const after = { email: person.email, externalId: person.externalId, attributes: person.attributes };
      if (person.email !== row.email && (await this.people.isTaken(tx, person.email, id))) throw taken();
      if (canonical(before) !== canonical(after)) {
        await this.users.setProfile(tx, id, person.email, person.name);
        await this.people.put(tx, id, person.externalId, person.attributes);
        await tx.audit({
          institutionId: viewer.institutionId,
          action: "member.change",
          object: id,
          reason: "by the directory",
          before,
          after,
        });
      }
      if (wasActive === isActive) return id;
      const roles = isActive ? await this.groupRoles.bringBack(tx, id) : row.roles;
      if (!isActive) {
        await this.users.remove(tx, id);
        await this.people.put(tx, id, person.externalId, person.attributes);
      }
      await tx.audit({
        institutionId: viewer.institutionId,
        action: isActive ? "member.return" : "member.remove",
        object: id,
        reason: "by the directory",
        before: { isActive: wasActive, roles: row.roles },
        after: { isActive, roles },
      });
      return id;
    });
  }

  private async writing(viewer: Viewer, write: (tx: Tx) => Promise<string>): Promise<Json> {
    try {
      return await this.unitOfWork.run(viewer, (tx) =>
        this.groupRoles.changing(tx, async () => this.view(await this.row(tx, await write(tx)))),
      );
    } catch (error) {
      // Somebody joined under the address by another way just now.
      throw databaseCode(error) === "23505" ? taken() : error;
    }
  }

  private async row(tx: Tx, id: string): Promise<ScimUserRow> {
    const row = UserId.safeParse(id).success ? await this.people.find(tx, id) : null;
    if (row === null) throw hidden();
    return row;
  }

  private view(row: ScimUserRow): Json {
    const groups = row.groups.map(({ value, display }) => ({ value, display, $ref: addressOf(this.address.url, "/Groups", value) }));
    return versioned(USER, this.address.url, row.id, row.created_at, row.updated_at, {
      ...externalIdOf(row),
      ...fieldsOf(row),
      ...(groups.length === 0 ? {} : { groups }),
    });
  }
}

const UserId = idOf("user");

interface Person {
  readonly email: string;
  readonly name: string;
  readonly externalId: string | null;
  /** Undefined where the client does not say. */
  readonly isActive: boolean | undefined;
  readonly attributes: Json;
}

/** @param nameBefore stays where the directory gives none
 * @throws ScimRefusal for an address that nobody could sign in with */
function personOf({ userName, externalId, active, name, displayName, emails }: Json, nameBefore: string | null): Person {
  const email = Email.safeParse(userName);
  if (!email.success) throw new ScimRefusal("invalid", "invalidValue", "userName must be an e-mail address.");
  const kept = { name, displayName, emails };
  const parts = typeof name === "object" && name !== null ? { ...name } : {};
  const { formatted, givenName, familyName }: Json = parts;
  const full = [givenName, familyName].filter((part) => typeof part === "string" && part !== "").join(" ");
  const shown = [displayName, formatted, full].find((text) => typeof text === "string" && text.trim() !== "");
  return {
    email: email.data,
    name: String(shown ?? nameBefore ?? email.data)
      .trim()
      .slice(0, 200),
    externalId: typeof externalId === "string" ? externalId : null,
    isActive: typeof active === "boolean" ? active : undefined,
    attributes: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined && !isEmpty(value))),
  };
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : typeof value === "object" && value !== null && Object.keys(value).length === 0;

function fieldsOf(row: ScimUserRow): Json {
  return { userName: row.email, ...row.attributes, active: row.is_active };
}

function externalIdOf({ external_id }: ScimUserRow): Json {
  return external_id === null ? {} : { externalId: external_id };
}

function factsOf(row: ScimUserRow): Json {
  return { email: row.email, externalId: row.external_id, attributes: row.attributes };
}

/** The database gives the keys of an object back in an order of its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Said of one's own institution alone: what address another knows is never looked at. */
function taken(): ScimRefusal {
  return new ScimRefusal("conflict", "uniqueness", "Somebody in the directory has this userName already.");
}
