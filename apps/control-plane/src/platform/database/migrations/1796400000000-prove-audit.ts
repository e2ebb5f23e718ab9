import type { MigrationInterface, QueryRunner } from "typeorm";
import { policy } from "./create-pyramid/row-security.js";

/** Indexes behind every filter of the log, signed Merkle tree heads, and verifications that run by themselves. */
export class ProveAudit1796400000000 implements MigrationInterface {
  name = "ProveAudit1796400000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [indexes, search, trees, verifications]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Signed tree heads are not taken back; restore a copy of the data directory instead.");
  }
}

/**
 * Each filter finds its entries newest first in one of these. A tenant's filter names its institution as well, the platform's people
 * may look across all. Actions are few and frequent, so they have an index for either; objects and people are rare enough for one.
 */
const indexes = `
create index audit_entries_institution_action on audit_entries (institution_id, action, id);
create index audit_entries_action on audit_entries (action, id);
create index audit_entries_object on audit_entries (object, institution_id, id);
create index audit_entries_actor on audit_entries (actor_id, institution_id, id);
create index audit_entries_actor_name on audit_entries (actor_name, institution_id, id);
`;

/**
 * Text inside object, reason and name, by trigrams. Those know only the letters of the database's locale, which is C: so bytes of
 * other scripts are spelled in digits first, and Chinese is found however short. LIKE is not leakproof, so under row-level security
 * the planner may not use an index for it. The search below runs as the tables' owner, whom a policy of its own lets read, and asks
 * for the tenant itself.
 */
const search = `
create extension if not exists pg_trgm;
create function audit_text(said text) returns text language sql immutable parallel safe strict
  as $$ select encode(convert_to(lower(said), 'UTF8'), 'escape') $$;
create index audit_entries_text on audit_entries using gin (audit_text(object || ' ' || reason || ' ' || actor_name) gin_trgm_ops);
create policy audit_entries_search on audit_entries for select to current_user using (true);

create function find_audit_text(
  wanted text, chain text, actions text[], actor text, actor_called text, about text,
  first_id text, last_id text, first_at timestamptz, last_at timestamptz, before_id text, most int
) returns setof text language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  reach text := app_reach();
  tenant text := case when reach = 'tenant' then app_institution() else chain end;
  said constant text := 'e.object || '' '' || e.reason || '' '' || e.actor_name';
  others constant text := '($2 is null or e.institution_id = $2) and ($3 is null or e.action = any($3))
    and ($4 is null or e.actor_id = $4) and ($5 is null or e.actor_name = $5) and ($6 is null or e.object = $6)
    and ($7 is null or e.id >= $7) and ($8 is null or e.id < $8)
    and ($9 is null or e.at >= $9) and ($10 is null or e.at <= $10) and ($11 is null or e.id < $11)';
  found text[];
begin
  if reach not in ('tenant', 'platform', 'system') or (reach = 'tenant' and tenant is null) then return; end if;
  if reach = 'tenant' and chain is not null and chain <> tenant then return; end if;
  -- A frequent text is met soon enough going back from the newest; looking up all its places would cost a second.
  if most is not null then
    execute 'select array(select r.id from (select e.id, ' || said || ' as said from audit_entries e where ' || others
      || ' order by e.id desc limit 5000) r where strpos(lower(r.said), lower($1)) > 0 order by r.id desc limit $12)'
      into found using wanted, tenant, actions, actor, actor_called, about, first_id, last_id, first_at, last_at, before_id, most;
    if cardinality(found) = most then
      return query select unnest(found);
      return;
    end if;
  end if;
  -- A rare one is looked up by its trigrams, planned anew for these very values.
  return query execute
    'select e.id from audit_entries e where audit_text(' || said || ') like $13 and strpos(lower(' || said || '), lower($1)) > 0 and '
      || others || ' order by e.id desc limit $12'
    using wanted, tenant, actions, actor, actor_called, about, first_id, last_id, first_at, last_at, before_id, most,
      '%' || regexp_replace(audit_text(wanted), '([\\\\%_])', '\\\\\\1', 'g') || '%';
end $$;
revoke execute on function find_audit_text from public;
grant execute on function find_audit_text to ziggurat_app;
`;

const trees = `
-- Signed heads of the Merkle tree over each chain's entries (RFC 9162), one per sealed batch.
create table audit_tree_heads (
  institution_id text not null constraint audit_tree_heads_institution references institutions (id),
  tree_size bigint not null,
  root_hash text not null,
  note text not null,
  at timestamptz not null,
  constraint audit_tree_heads_pk primary key (institution_id, tree_size)
);
create trigger audit_tree_heads_append_only before update or delete on audit_tree_heads for each row execute function refuse_change();

-- Where each tree goes on growing: the roots of its whole subtrees. Worked out again from the entries by every verification.
create table audit_frontiers (
  institution_id text constraint audit_frontiers_pk primary key constraint audit_frontiers_institution references institutions (id),
  tree_size bigint not null,
  subtrees text[] not null
);
${["audit_tree_heads", "audit_frontiers"].map((table) => policy(table, own())).join("\n")}
grant select, insert, update, delete on audit_tree_heads, audit_frontiers to ziggurat_app;
`;

const verifications = `
create table audit_verifications (
  id text constraint audit_verifications_pk primary key,
  institution_id text not null constraint audit_verifications_institution references institutions (id),
  requested_by text not null,
  requested_by_name text not null,
  requested_at timestamptz not null default now(),
  -- Institutions whose chains are walked.
  chains text[] not null,
  state text not null default 'queued' constraint audit_verifications_state check (state in ('queued', 'running', 'done')),
  total bigint not null,
  done bigint not null default 0,
  -- A walker that falls silent for a while is taken for dead, and the walk begins again.
  seen_at timestamptz,
  result json
);
create index audit_verifications_open on audit_verifications (requested_at) where state <> 'done';
${policy("audit_verifications", own())}
grant select, insert, update, delete on audit_verifications to ziggurat_app;
`;

function own(): string {
  return "app_reach() in ('platform', 'system') or institution_id = app_institution()";
}
