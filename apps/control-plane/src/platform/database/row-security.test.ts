import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { migrate } from "./migrate.js";

const PLATFORM = `ins_${"0".repeat(32)}`;
let database: FreshDatabase;
let superuser: pg.Client;
let app: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  app = new pg.Client({ connectionString: database.appUrl });
  await Promise.all([superuser.connect(), app.connect()]);
});
afterAll(async () => {
  await Promise.all([superuser?.end(), app?.end()]);
  await database?.drop();
});

/** Tables whose rows belong to nobody: bytes, machines, the platform's own plumbing. */
const COMMON = ["blobs", "clusters", "migrations", "outbox", "platform_keys", "request_buckets", "sign_in_streaks", "signing_keys"];
const TABLES = `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'institution_id' and not a.attisdropped) as owned
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`;

interface Table {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly owned: boolean;
}

describe("the migrations", () => {
  it("build an empty database once and then find nothing to do", async () => {
    await superuser.query(
      "drop schema public cascade; create schema public authorization ziggurat_owner; grant usage on schema public to ziggurat_app",
    );
    expect(await migrate(database.ownerUrl)).not.toEqual([]);
    expect(await migrate(database.ownerUrl)).toEqual([]);
  });

  it("run once when two processes start at the same time", async () => {
    await superuser.query(
      "drop schema public cascade; create schema public authorization ziggurat_owner; grant usage on schema public to ziggurat_app",
    );
    const ran = await Promise.all([migrate(database.ownerUrl), migrate(database.ownerUrl)]);
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
  });
});

describe("row-level security", () => {
  it("is enabled and forced on every table that belongs to an institution, and on the list of institutions", async () => {
    const { rows } = await superuser.query<Table>(TABLES);
    expect(rows.filter(({ owned, name }) => (owned || name === "institutions") !== true).map(({ name }) => name)).toEqual(COMMON);
    const open = rows.filter(({ owned, name, enabled, forced }) => (owned || name === "institutions") && !(enabled && forced));
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("binds the application's login, which owns nothing and cannot bypass it", async () => {
    const { rows } = await app.query(
      `select r.rolsuper, r.rolbypassrls, exists (select from pg_class c where c.relowner = r.oid and c.relnamespace = 'public'::regnamespace) as owns
         from pg_roles r where r.rolname = current_user`,
    );
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, owns: false }]);
  });

  it("shows nothing outside a unit of work", async () => {
    await superuser.query(
      `insert into institutions (id, slug, name) values ('ins_1', 'one', 'One'), ('ins_2', 'two', 'Two');
       insert into users (id, institution_id, email, name, password_hash, roles)
         values ('usr_1', 'ins_1', '1@x', '1', '', '{auditor}'), ('usr_2', 'ins_2', '2@x', '2', '', '{auditor}')`,
    );
    const { rows } = await superuser.query<Table>(TABLES);
    for (const { name } of rows.filter(({ owned }) => owned)) {
      expect([name, (await app.query(`select 1 from ${name} limit 1`)).rows]).toEqual([name, []]);
    }
    expect((await app.query("select 1 from institutions")).rows).toEqual([]);
    await expect(
      app.query(
        "insert into users (id, institution_id, email, name, password_hash, roles) values ('usr_3', 'ins_1', '3@x', '3', '', '{}')",
      ),
    ).rejects.toThrow("row-level security");
  });

  it("shows a tenant its own rows, refuses rows of another, and ends with the transaction", async () => {
    await app.query("begin");
    await app.query("select set_config('app.institution', 'ins_1', true), set_config('app.reach', 'tenant', true)");
    expect((await app.query("select id from users")).rows).toEqual([{ id: "usr_1" }]);
    expect((await app.query("update users set name = 'x' where id = 'usr_2'")).rowCount).toBe(0);
    await expect(
      app.query(
        "insert into users (id, institution_id, email, name, password_hash, roles) values ('usr_4', 'ins_2', '4@x', '4', '', '{}')",
      ),
    ).rejects.toThrow("row-level security");
    await app.query("rollback");
    expect((await app.query("select id from users")).rows).toEqual([]);
  });

  it("holds after asking who a token belongs to, although that looks across institutions", async () => {
    await app.query("select * from authenticate_token('none')");
    expect((await app.query("select id from users")).rows).toEqual([]);
    await app.query("begin");
    await app.query("select set_config('app.institution', 'ins_1', true), set_config('app.reach', 'tenant', true)");
    await app.query("select * from authenticate_session('none')");
    expect((await app.query("select id from users")).rows).toEqual([{ id: "usr_1" }]);
    await app.query("rollback");
  });

  it.each(["models", "datasets", "users"])(
    "shows each reach the %s it may see, and works out who asks once per statement",
    async (table) => {
      await superuser.query(
        `insert into institutions (id, slug, name) values ('${PLATFORM}', 'platform', 'Platform'), ('ins_1', 'one', 'One'), ('ins_2', 'two', 'Two') on conflict do nothing;
       insert into users (id, institution_id, email, name, password_hash, roles)
         select 'usr_' || id, id, id || '@x', id, '', '{auditor}' from institutions on conflict do nothing;
       insert into models (id, institution_id, namespace, slug, tier, name, card, licence, terms, created_by)
         select 'mod_' || id, id, slug, 'a', 'finance', 'A', '{}', 'own', '{}', 'x' from institutions on conflict do nothing;
       insert into datasets (id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description, created_by)
         select 'dst_' || id, id, slug, 'a', 'A', 'text', 'own', 'own_generation', 'internal', '{}', '', 'x' from institutions on conflict do nothing`,
      );
      const everybody = [PLATFORM, "ins_1", "ins_2"];
      const shared = table === "users" ? [] : [PLATFORM];
      for (const [reach, institution, seen] of [
        ["tenant", "ins_1", [...shared, "ins_1"]],
        ["tenant", "", shared],
        ["platform", PLATFORM, everybody],
        ["system", "", everybody],
        ["", "ins_1", ["ins_1"]],
        ["", "", []],
        ["Platform", "", []],
      ] as const) {
        await app.query("begin");
        await app.query("select set_config('app.institution', $1, true), set_config('app.reach', $2, true)", [institution, reach]);
        const { rows } = await app.query<{ id: string }>(`select distinct institution_id as id from ${table} order by 1`);
        const plan = await app.query<{ "QUERY PLAN": string }>(`explain (verbose) select id from ${table}`);
        await app.query("rollback");
        expect([reach, institution, rows.map(({ id }) => id)]).toEqual([reach, institution, seen]);
        expect(plan.rows.filter((line) => /Filter:.*current_setting/.test(line["QUERY PLAN"]))).toEqual([]);
      }
    },
  );
});
