import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/** The database past every policy and trigger, for what no caller may do: to look at what is there, and to take a lock off a door. */
export class Database {
  private constructor(private readonly client: pg.Client) {}

  static async open(dataDir: string): Promise<Database> {
    const home = join(dataDir, "postgres");
    const { superuser } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8"));
    const port = Number(readFileSync(join(home, "port"), "utf8"));
    const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: superuser, database: "ziggurat" });
    await client.connect();
    await client.query("set session_replication_role = replica");
    return new Database(client);
  }

  async rows<Row extends pg.QueryResultRow>(statement: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(statement, [...values])).rows;
  }

  /** Texts of the first column. */
  async texts(statement: string, values: readonly unknown[] = []): Promise<string[]> {
    const { rows } = await this.client.query({ text: statement, values: [...values], rowMode: "array" });
    return rows.map(([value]) => String(value));
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

/** Tables whose rows belong to an institution each. */
export const ownedTables = (database: Database): Promise<string[]> =>
  database.texts(
    `select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and column_name = 'institution_id' and table_type = 'BASE TABLE' order by 1`,
  );

/** Whoever guesses at a member's password leaves a note of it in that institution's log, and is meant to. */
const GUESSES = "select id from audit_entries where action = 'session.refused'";
const BUT_GUESSES: Readonly<Record<string, string>> = {
  audit_entries: `and id not in (${GUESSES})`,
  audit_pending: `and entry_id not in (${GUESSES})`,
};

/** A digest of every row that an institution owns, by table. */
export async function rowsOf(database: Database, institutionId: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const table of await ownedTables(database)) {
    const [digest = ""] = await database.texts(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, e'\\n' order by t::text)), '') from "${table}" t
         where institution_id = $1 ${BUT_GUESSES[table] ?? ""}`,
      [institutionId],
    );
    digests.set(table, digest);
  }
  return digests;
}

/** Takes row-level security off one table, or puts it back. */
export async function guard(database: Database, table: string, isOn: boolean): Promise<void> {
  if (!(await guardedTables(database, true)).includes(table)) throw new Error(`${table} has no row-level security to drop`);
  await database.rows(`alter table "${table}" ${isOn ? "enable" : "disable"} row level security`);
}

/** Tables with policies; `withDropped` those too whose policies are not asked. */
export const guardedTables = (database: Database, withDropped = false): Promise<string[]> =>
  database.texts(
    `select distinct c.relname from pg_class c join pg_policy p on p.polrelid = c.oid where $1 or c.relrowsecurity order by 1`,
    [withDropped],
  );

/**
 * Copies every row aside.
 * @param name where to: copies of two names do not touch one another
 * @returns puts all of them back as they were
 */
export async function keepRows(database: Database, name: string): Promise<() => Promise<void>> {
  const tables = await database.texts(
    "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  await database.rows(`drop schema if exists ${name} cascade`);
  await database.rows(`create schema ${name}`);
  for (const table of tables) await database.rows(`create table ${name}."${table}" as table public."${table}"`);
  return async () => {
    await database.rows(`truncate ${tables.map((table) => `public."${table}"`).join(", ")}`);
    for (const table of tables) {
      const columns = await database.texts(
        "select quote_ident(column_name) from information_schema.columns where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'",
        [table],
      );
      await database.rows(`insert into public."${table}" (${columns}) overriding system value select ${columns} from ${name}."${table}"`);
    }
  };
}
