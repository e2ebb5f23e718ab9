import type pg from "pg";

const PLATFORM = `ins_${"0".repeat(32)}`;
/** Institutions that `fillRegistry` makes. */
export const TENANTS = 20;
export const tenantId = (n: number): string => `ins_${(n + 1000).toString(16).padStart(32, "0")}`;

/** Jobs, datasets with versions, and derivations for each of the institutions that stand in the registry. Written past the API. */
export async function fillTenants(client: pg.Client, jobs: number, datasets: number): Promise<void> {
  const id = (kind: string, n: string) => `'${kind}_' || lpad(to_hex(${n}), 32, '0')`;
  const owner = `'ins_' || lpad(to_hex(n % ${TENANTS} + 1000), 32, '0')`;
  await client.query("set session_replication_role = replica");
  await client.query(`
    insert into jobs (id, institution_id, model_id, kind, method, tier, parent_version_id, hyperparameters, seed, state, due_at, requested_by, requested_by_name)
      select ${id("job", "n")}, ${owner}, ${id("mod", `n % ${TENANTS} + ${TENANTS} + 1000`)}, 'tune', 'lora', 'institution', ${id("ver", "1001")}, '{}', 1,
        (array['succeeded', 'failed', 'cancelled', 'queued'])[n % 4 + 1], null, 'usr_' || lpad('1', 32, '0'), 'somebody' from generate_series(0, ${jobs} - 1) n;
    insert into datasets (id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description, next_version, created_by)
      select ${id("dst", "n")}, ${owner}, 'bank-' || n % ${TENANTS}, 'data-' || n, 'Data ' || n, 'text', 'own', 'own_generation', 'internal', '{}', '', 2, 'bench'
      from generate_series(0, ${datasets} - 1) n;
    insert into edges (child_id, parent_id, relation, institution_id, seal)
      select v.id, ${id("ver", "1001 + (row_number() over (order by v.id)) % 500")}, 'tuned_from', v.institution_id, 'sealed'
      from versions v where v.tier = 'institution';
    insert into edges (child_id, parent_id, relation, institution_id, seal)
      select v.id, ${id("ver", "1")}, 'tuned_from', '${PLATFORM}', 'sealed' from versions v where v.line_id = 900002 and v.line_seq <= 501;`);
  await client.query("set session_replication_role = origin");
  await client.query("vacuum (analyze)");
}

/** Takes out every institution but one and the platform, so that everything there is may be seen by the one that is left. */
export async function leaveAlone(client: pg.Client, kept: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.table_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and c.column_name = 'institution_id' and t.table_type = 'BASE TABLE'`,
  );
  await client.query("set session_replication_role = replica");
  for (const { name } of rows) await client.query(`delete from "${name}" where institution_id not in ($1, $2)`, [kept, PLATFORM]);
  // Nor what the platform keeps to itself: drafts and what was not released yet.
  await client.query("delete from versions where institution_id = $1 and state not in ('released', 'deprecated', 'retired')", [PLATFORM]);
  await client.query("delete from institutions where id not in ($1, $2)", [kept, PLATFORM]);
  await client.query("set session_replication_role = origin");
  await client.query("vacuum (analyze)");
}
