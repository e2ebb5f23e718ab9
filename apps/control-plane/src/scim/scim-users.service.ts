import { Injectable } from "@nestjs/common";
import { Email, idOf } from "@ziggurat/contracts";
import { UsersRepository } from "../identity/users.repository.js";
import { newId } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { USER } from "./attributes.js";
import { canonical } from "./canonical.js";
import { GroupRoles } from "./group-roles.service.js";
import type { Json } from "./read-resource.js";
import { addressOf, versioned } from "./resource-view.js";
import type { ListedBy } from "./scim-query.js";
import { ScimResources } from "./scim-resources.js";
import { type ScimUserRow, ScimUsersRepository } from "./scim-users.repository.js";
import { USER_NAMES } from "./user-names.js";

/** People whom an institution's directory sends: joiners, movers and leavers. */
@Injectable()
export class ScimUsers extends ScimResources<ScimUserRow> {
  readonly type = USER;
  readonly names = USER_NAMES;
  protected readonly id = idOf("user");
  protected readonly taken = "Somebody in the directory has this userName already.";

  constructor(
    protected readonly unitOfWork: UnitOfWork,
    private readonly people: ScimUsersRepository,
    private readonly users: UsersRepository,
    protected readonly groupRoles: GroupRoles,
    private readonly address: PublicAddress,
  ) {
    super();
  }

  protected find(tx: Tx, id: string): Promise<ScimUserRow | null> {
    return this.people.find(tx, id);
  }

  protected rows(tx: Tx, by: ListedBy) {
    return this.people.list(tx, by);
  }

  /** Somebody new, who has no password: they sign in through the institution's provider, or are given one. */
  protected async make(tx: Tx, sent: Json): Promise<string> {
    const person = personOf(sent, null);
    const { institutionId } = tx.viewer;
    if (await this.people.isTaken(tx, person.email, "")) throw this.refuseTaken();
    const member = await this.users.insert(tx, {
      id: newId("user"),
      institutionId,
      email: person.email,
      name: person.name,
      passwordHash: null,
      mustChangePassword: false,
      roles: [],
      tiers: null,
    });
    await this.people.put(tx, member.id, person.externalId, person.attributes);
    if (person.isActive === false) await this.users.remove(tx, member.id);
    await tx.audit({ institutionId, action: "member.add", object: member.id, after: member });
    return member.id;
  }

  /** The same once more changes nothing, and leaves no entry in the audit log. */
  protected async rewrite(tx: Tx, row: ScimUserRow, sent: Json): Promise<void> {
    const person = personOf(sent, row.name);
    const noted = { institutionId: tx.viewer.institutionId, object: row.id, reason: "by the directory" };
    const [wasActive, isActive] = [row.is_active, person.isActive ?? row.is_active];
    const before = factsOf(row);
    const after = { email: person.email, externalId: person.externalId, attributes: person.attributes };
    const isChanged = canonical(before) !== canonical(after);
    if (person.email !== row.email && (await this.people.isTaken(tx, person.email, row.id))) throw this.refuseTaken();
    if (isChanged) await this.users.setProfile(tx, row.id, person.email, person.name);
    if (isChanged || wasActive !== isActive) await this.people.put(tx, row.id, person.externalId, person.attributes);
    if (isChanged) await tx.audit({ ...noted, action: "member.change", before, after });
    if (wasActive === isActive) return;
    const roles = isActive ? await this.groupRoles.bringBack(tx, row.id) : row.roles;
    if (!isActive) await this.users.remove(tx, row.id);
    await tx.audit({
      ...noted,
      action: isActive ? "member.return" : "member.remove",
      before: { isActive: wasActive, roles: row.roles },
      after: { isActive, roles },
    });
  }

  /** The person is out within seconds: every request looks up anew who asks. */
  protected async end(tx: Tx, row: ScimUserRow): Promise<void> {
    if (row.is_active) await this.users.remove(tx, row.id);
    await this.people.delete(tx, row.id);
    const { institutionId } = tx.viewer;
    await tx.audit({ institutionId, action: "member.remove", object: row.id, reason: "by the directory", before: factsOf(row) });
  }

  protected written(row: ScimUserRow): Json {
    return { ...externalIdOf(row), ...fieldsOf(row) };
  }

  protected view(row: ScimUserRow): Json {
    const groups = row.groups.map(({ value, display }) => ({ value, display, $ref: addressOf(this.address.url, "/Groups", value) }));
    const fields = { ...this.written(row), ...(groups.length === 0 ? {} : { groups }) };
    return versioned(USER, this.address.url, row.id, row.created_at, row.updated_at, fields);
  }
}

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
