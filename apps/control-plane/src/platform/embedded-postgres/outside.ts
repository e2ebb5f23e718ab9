import pg from "pg";
import { StartRefusal } from "../start-refusal.js";
import { appLogin } from "./app-role.js";
import { withSessionOptions } from "./urls.js";

/** Addresses for an outside PostgreSQL: the given login for migrations, the same login acting as the application role for all else. */
export interface OutsideUrls {
  readonly owner: string;
  readonly app: string;
  readonly queue: string;
}

const oldestMajor = 15;

/**
 * Prepares an outside PostgreSQL (15 or newer): the role `ziggurat_app` and the queue's schema. The application logs in as the given
 * login and becomes that role when its session begins, so row-level security binds it even if the login is a superuser.
 * Throws StartRefusal with the statements an administrator must run where the login may not run them itself.
 */
export async function prepareOutside(url: string): Promise<OutsideUrls> {
  const client = new pg.Client({ connectionString: url, application_name: "ziggurat start" });
  try {
    await client.connect();
  } catch (error) {
    throw new StartRefusal(`DATABASE_URL does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const facts = await readFacts(client);
    if (facts.major < oldestMajor)
      throw new StartRefusal(`DATABASE_URL is PostgreSQL ${facts.major}; Ziggurat needs ${oldestMajor} or newer.`);
    // Two processes that start at once would both find the role missing.
    await client.query("select pg_advisory_lock(hashtext('ziggurat start'))");
    await makeAppRole(client, facts);
    await makeQueueSchema(client, facts);
  } finally {
    await client.end();
  }
  const app = withSessionOptions(url, `-c role=${appLogin}`);
  return { owner: url, app, queue: withSessionOptions(app, "-c search_path=bullmq") };
}

interface Facts {
  readonly major: number;
  readonly login: string;
  readonly database: string;
}

async function readFacts(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<{ version: string; login: string; database: string }>(
    "select current_setting('server_version_num') as version, current_user as login, current_database() as database",
  );
  const [row] = rows;
  if (!row) throw new Error("PostgreSQL answered no row");
  return { major: Math.floor(Number(row.version) / 10_000), login: row.login, database: row.database };
}

async function makeAppRole(client: pg.Client, { login }: Facts): Promise<void> {
  const create = `create role ${appLogin} nologin nosuperuser nobypassrls nocreatedb nocreaterole`;
  const grant = `grant ${appLogin} to ${pg.escapeIdentifier(login)}`;
  const role = await client.query<{ unbound: boolean }>("select rolsuper or rolbypassrls as unbound from pg_roles where rolname = $1", [
    appLogin,
  ]);
  if (role.rowCount === 0)
    await client.query(create).catch((error: Error) => refuse(error, `may not create the role ${appLogin}`, [create, grant]));
  if (role.rows[0]?.unbound) {
    throw new StartRefusal(
      `The role ${appLogin} escapes row-level security. Have an administrator run: alter role ${appLogin} nosuperuser nobypassrls;`,
    );
  }
  const became = await becomes(client);
  if (!became) await client.query(grant).catch((error: Error) => refuse(error, `may not act as ${appLogin}`, [grant]));
  if (!became && !(await becomes(client))) throw new StartRefusal(asks(`may not act as ${appLogin}`, [`${grant} with set true`]));
}

async function becomes(client: pg.Client): Promise<boolean> {
  try {
    await client.query(`set role ${appLogin}`);
    await client.query("reset role");
    return true;
  } catch {
    return false;
  }
}

async function makeQueueSchema(client: pg.Client, { database }: Facts): Promise<void> {
  const open = `grant connect, create on database ${pg.escapeIdentifier(database)} to ${appLogin}`;
  const schema = `create schema bullmq authorization ${appLogin}`;
  await client.query(open).catch((error: Error) => refuse(error, "may not open the database to the application", [open]));
  const { rows } = await client.query<{ may: boolean }>("select has_database_privilege($1, current_database(), 'CREATE') as may", [
    appLogin,
  ]);
  if (rows[0]?.may !== true) throw new StartRefusal(asks("may not open the database to the application", [open]));
  const existing = await client.query("select 1 from pg_namespace where nspname = 'bullmq'");
  if (existing.rowCount === 0)
    await client.query(schema).catch((error: Error) => refuse(error, "may not make the queue's schema", [schema]));
}

function refuse(error: Error, what: string, statements: readonly string[]): never {
  if (error instanceof pg.DatabaseError && error.code === "42501") throw new StartRefusal(asks(what, statements));
  throw error;
}

const asks = (what: string, statements: readonly string[]): string =>
  `The login of DATABASE_URL ${what}. Have an administrator run:\n${statements.map((statement) => `  ${statement};`).join("\n")}`;
