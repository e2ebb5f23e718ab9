import pg from "pg";
import { appLogin } from "./app-role.js";
import type { Cluster } from "./cluster.js";
import { loginUrl } from "./urls.js";

export const databaseName = "ziggurat";
const ownerLogin = "ziggurat_owner";

/** Addresses of the three logins of a running cluster. */
export interface LoginUrls {
  /** May do everything; used for role locks and by tests, never by the application. */
  readonly superuser: string;
  /** Owns the tables: migrations. Bound by FORCEd row-level security like everyone. */
  readonly owner: string;
  /** The application: reads and writes rows, may not change their policies. */
  readonly app: string;
}

export function loginUrls(cluster: Cluster, port: number, database: string = databaseName): LoginUrls {
  const { secrets } = cluster;
  return {
    superuser: loginUrl({ port, database: "postgres", user: "postgres", password: secrets.superuser }),
    owner: loginUrl({ port, database, user: ownerLogin, password: secrets.owner }),
    app: loginUrl({ port, database, user: appLogin, password: secrets.app }),
  };
}

/** Makes the logins, the database and the queue's schema where they are missing. The caller holds the door lock. */
export async function provision(superuser: pg.Client, cluster: Cluster, port: number): Promise<void> {
  await makeLogin(superuser, ownerLogin, cluster.secrets.owner);
  await makeLogin(superuser, appLogin, cluster.secrets.app);
  await makeDatabase(superuser, databaseName);
  const owner = new pg.Client({ connectionString: loginUrls(cluster, port).superuser.replace(/\/postgres$/, `/${databaseName}`) });
  await owner.connect();
  try {
    await prepareDatabase(owner);
  } finally {
    await owner.end();
  }
}

/** An empty database owned by the owner login, closed to everyone else but the application. */
export async function makeDatabase(superuser: pg.Client, name: string): Promise<void> {
  const { rowCount } = await superuser.query("select 1 from pg_database where datname = $1", [name]);
  if (rowCount === 0) await superuser.query(`create database ${pg.escapeIdentifier(name)} owner ${ownerLogin}`);
  await superuser.query(`revoke all on database ${pg.escapeIdentifier(name)} from public`);
  // BullMQ's own migration runs "create schema if not exists", which asks for CREATE even where the schema exists.
  await superuser.query(`grant connect, temporary, create on database ${pg.escapeIdentifier(name)} to ${appLogin}`);
}

/** The queue's tables belong to the application login, which migrates them; everything else belongs to the owner. */
export async function prepareDatabase(superuser: pg.Client): Promise<void> {
  await superuser.query(`create schema if not exists bullmq authorization ${appLogin}`);
  await superuser.query(`alter schema public owner to ${ownerLogin}`);
  await superuser.query(`grant usage on schema public to ${appLogin}`);
}

async function makeLogin(superuser: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await superuser.query("select 1 from pg_roles where rolname = $1", [name]);
  const attributes = "login nosuperuser nobypassrls nocreatedb nocreaterole";
  const verb = rowCount === 0 ? "create" : "alter";
  await superuser.query(`${verb} role ${name} ${attributes} password ${pg.escapeLiteral(password)}`);
}
