import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/**
 * Runs statements as the database's superuser, past every trigger and policy: what somebody does who has broken into the machine.
 * The platform's own rules are not asked.
 */
export async function asIntruder<Row extends pg.QueryResultRow>(
  dataDir: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const home = join(dataDir, "postgres");
  const { superuser } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8"));
  const port = Number(readFileSync(join(home, "port"), "utf8"));
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: superuser, database: "ziggurat" });
  await client.connect();
  try {
    await client.query("set session_replication_role = replica");
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}
