import { Injectable } from "@nestjs/common";
import { LinkedIdentity, Role, SharedTier } from "@ziggurat/contracts";
import type { GroupGrant } from "@ziggurat/institution";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { Asserted } from "./asserted.js";

interface Row {
  readonly id: string;
  readonly provider_id: string;
  readonly provider: string;
  readonly subject: string;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

interface Owner {
  readonly id: string;
  readonly institutionId: string;
}

const SELECT = `select f.id, f.provider_id, p.name as provider, f.subject, f.created_at, f.last_used_at
  from federated_identities f join identity_providers p on p.id = f.provider_id`;

/** Accounts at providers, and whose they are here. */
@Injectable()
export class IdentitiesRepository {
  /** Whose account it is, also of somebody who has left. */
  async owner(tx: Tx, providerId: string, { issuer, subject }: Pick<Asserted, "issuer" | "subject">): Promise<string | null> {
    const [row] = await tx.query<{ user_id: string }>(
      "select user_id from federated_identities where provider_id = $1 and issuer = $2 and subject = $3",
      [providerId, issuer, subject],
    );
    return row?.user_id ?? null;
  }

  /** Two browsers may come back at once with somebody who is new. */
  async lock(tx: Tx, providerId: string, subject: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtext($1))", [`subject of ${providerId} ${subject}`]);
  }

  /** Connects an account with somebody; one that belonged to a person who has left goes over to them. */
  async connect(tx: Tx, provider: Owner, { issuer, subject }: Pick<Asserted, "issuer" | "subject">, userId: string): Promise<void> {
    await tx.query(
      `insert into federated_identities (id, institution_id, provider_id, issuer, subject, user_id) values ($1, $2, $3, $4, $5, $6)
       on conflict (provider_id, issuer, subject) do update set user_id = excluded.user_id, created_at = now(), last_used_at = null`,
      [newId("identity"), provider.institutionId, provider.id, issuer, subject, userId],
    );
  }

  /**
   * Whether somebody was sent by the institution's directory and nobody has ever come in as them: no password, passkey, account at a
   * provider or session. They hold nothing but what groups of the directory give, so whoever keeps the directory gains nothing by it. They
   * are known by the directory's own id of them, or by an address that the provider vouches for.
   */
  async isAwaited(tx: Tx, userId: string, { subject, isAddressProven }: Pick<Asserted, "subject" | "isAddressProven">): Promise<boolean> {
    const rows = await tx.query(
      `select 1 from users u join scim_users s on s.user_id = u.id
       where u.id = $1 and u.password_hash is null and s.deleted_at is null and ($3 or s.external_id = $2)
         and u.roles <@ s.group_roles and not exists (select from role_holders h where h.user_id = u.id and h.sources <> '{directory}')
         and not exists (select from federated_identities f where f.user_id = u.id) and not exists (select from passkeys p where p.user_id = u.id)
         and not exists (select from audit_entries e where e.object = u.id and e.institution_id = u.institution_id and e.action = 'session.open')`,
      [userId, subject, isAddressProven],
    );
    return rows.length > 0;
  }

  /** What groups of the directory give beside the institution's own roles; a sign-in does not take it away. */
  async givenByDirectory(tx: Tx, userId: string): Promise<GroupGrant> {
    const [row] = await tx.query<{ group_roles: string[]; group_tiers: string[] | null }>(
      "select group_roles, group_tiers from scim_users where user_id = $1",
      [userId],
    );
    return {
      roles: (row?.group_roles ?? []).map((role) => Role.parse(role)),
      customRoles: [],
      tiers: row?.group_tiers?.map((tier) => SharedTier.parse(tier)) ?? null,
    };
  }

  async noteUse(tx: Tx, providerId: string, { issuer, subject }: Pick<Asserted, "issuer" | "subject">): Promise<void> {
    await tx.query("update federated_identities set last_used_at = now() where provider_id = $1 and issuer = $2 and subject = $3", [
      providerId,
      issuer,
      subject,
    ]);
  }

  async list(tx: Tx, userId: string): Promise<readonly LinkedIdentity[]> {
    return (await tx.query<Row>(`${SELECT} where f.user_id = $1 order by f.id limit 100`, [userId])).map(identityOf);
  }

  async remove(tx: Tx, userId: string, id: string): Promise<LinkedIdentity | null> {
    const [row] = await tx.query<Row>(`${SELECT} where f.user_id = $1 and f.id = $2`, [userId, id]);
    if (row === undefined) return null;
    await tx.query("delete from federated_identities where id = $1", [id]);
    return identityOf(row);
  }
}

function identityOf(row: Row): LinkedIdentity {
  return LinkedIdentity.parse({
    id: row.id,
    providerId: row.provider_id,
    provider: row.provider,
    subject: row.subject,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  });
}
