import { Injectable } from "@nestjs/common";
import type { Role, Scope, SharedTier } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly roles: Role[];
  readonly created_at: Date;
  readonly has_app: boolean;
  readonly passkeys: number;
  readonly tiers: SharedTier[] | null;
  /** Roles of the institution's own that they hold. */
  readonly custom_roles: { readonly name: string; readonly scopes: Scope[] }[];
  /** Of a service account. */
  readonly purpose: string | null;
  readonly responsible: string | null;
  readonly is_active: boolean | null;
  readonly granted_by: string | null;
  readonly granted_at: Date | null;
}

export interface TokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly scopes: string[];
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
}

export interface SessionsRow {
  readonly user_id: string;
  readonly sessions: number;
  readonly last_seen_at: Date | null;
}

/** Whom a review asks for. */
export interface Asked {
  /** Everybody, whatever they hold. */
  readonly all: boolean;
  readonly roles: readonly Role[];
  /** Also those to whom a role of the institution's own gives this. */
  readonly scope: Scope | null;
}

const ASKED = `($3 or u.roles && $2 or exists (select from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null
  where h.user_id = u.id and $4 = any(r.scopes)))`;

@Injectable()
export class AccessReviewRepository {
  async institution(tx: Tx, slug: string): Promise<{ readonly id: string } | null> {
    const [row] = await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
    return row ?? null;
  }

  /** People who may still sign in, in the order they joined, with who last gave them their roles as the audit log has it. */
  people(tx: Tx, institutionId: string, { roles, all, scope }: Asked, after: string, limit: number): Promise<PersonRow[]> {
    return tx.query<PersonRow>(
      `select u.id, u.name, case when u.kind = 'person' then u.email else '' end as email, u.roles, u.tiers, u.created_at,
         (select coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'scopes', r.scopes) order by r.name), '[]')
           from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null where h.user_id = u.id) as custom_roles,
         s.purpose, p.name as responsible, p.removed_at is null as is_active,
         exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as has_app,
         (select count(*)::int from passkeys k where k.user_id = u.id) as passkeys,
         a.actor_name as granted_by, a.at as granted_at
       from users u left join service_accounts s on s.user_id = u.id left join users p on p.id = s.responsible_id left join lateral (select actor_name, at from audit_entries e
         where e.institution_id = u.institution_id and e.object = u.id and e.action in ('member.add', 'member.roles', 'service_account.create', 'service_account.change')
         order by e.id desc limit 1) a on true
       where u.institution_id = $1 and u.removed_at is null and ${ASKED} and u.id > $5 order by u.id limit $6`,
      [institutionId, roles, all, scope, after, limit],
    );
  }

  async count(tx: Tx, institutionId: string, { roles, all, scope }: Asked): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from users u where u.institution_id = $1 and u.removed_at is null and ${ASKED}`,
      [institutionId, roles, all, scope],
    );
    return row?.n ?? 0;
  }

  /** Tokens that still open something. */
  tokens(tx: Tx, userIds: readonly string[]): Promise<TokenRow[]> {
    return tx.query<TokenRow>(
      `select id, user_id, name, scopes, created_at, expires_at, last_used_at from tokens
       where user_id = any($1) and revoked_at is null and expires_at > now() order by user_id, id`,
      [userIds],
    );
  }

  /** A session's end moves on with its use, twelve hours ahead, so its last use can be read from it to ten minutes. */
  sessions(tx: Tx, userIds: readonly string[]): Promise<SessionsRow[]> {
    return tx.query<SessionsRow>(
      `select user_id, count(*)::int as sessions, max(greatest(created_at, expires_at - interval '12 hours')) as last_seen_at
       from sessions where user_id = any($1) and expires_at > now() group by user_id`,
      [userIds],
    );
  }

  /** @returns what was revoked, or null when this member has no such token in use */
  async revoke(tx: Tx, institutionId: string, userId: string, id: string): Promise<TokenRow | null> {
    const [row] = await tx.query<TokenRow>(
      `update tokens set revoked_at = now() where id = $1 and user_id = $2 and institution_id = $3 and revoked_at is null
       returning id, user_id, name, scopes, created_at, expires_at, last_used_at`,
      [id, userId, institutionId],
    );
    return row ?? null;
  }
}
