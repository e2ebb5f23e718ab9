import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { openEmbedded } from "../../src/platform/embedded-postgres/embedded.js";
import type { RecordedAnswer } from "./answers.js";
import type { Tokens } from "./fill.js";
import { FOLDERS, WRITTEN } from "./written.js";

interface Release {
  /** What wrote it, and when it stopped. */
  readonly commit: string;
  readonly at: string;
  readonly tokens: Tokens;
  /** A token that was revoked. */
  readonly revoked: string;
}

export const release: Release = JSON.parse(readFileSync(join(WRITTEN, "release.json"), "utf8"));
/** What it told people before it was stopped. */
export const answers: readonly RecordedAnswer[] = JSON.parse(unzipped("answers.json.gz"));

function unzipped(name: string): string {
  return gunzipSync(readFileSync(join(WRITTEN, name))).toString();
}

/** Makes a folder that does not exist yet into the data directory that the previous release stopped on. */
export async function layOut(dataDir: string): Promise<void> {
  for (const folder of FOLDERS) cpSync(join(WRITTEN, folder), join(dataDir, folder), { recursive: true });
  const server = await openEmbedded({ dataDir, role: "all", settings: { fsync: "off" } }, silent);
  await asIntruder(dataDir, "drop schema bullmq cascade");
  await asIntruder(dataDir, unzipped("database.sql.gz"));
  // Tokens last a year at most, and these were written once and for all.
  await asIntruder(dataDir, "update public.tokens set expires_at = now() + interval '1 day' where revoked_at is null");
  await server.release();
}

export const silent = { info: () => undefined, warn: () => undefined };

/** Runs statements in the database of a data directory whose server runs, past every policy and trigger. */
export async function asIntruder<Row extends pg.QueryResultRow>(dataDir: string, sql: string, values?: readonly unknown[]): Promise<Row[]> {
  const home = join(dataDir, "postgres");
  const { superuser } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8"));
  const port = Number(readFileSync(join(home, "port"), "utf8"));
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: superuser, database: "ziggurat" });
  await client.connect();
  try {
    await client.query("set session_replication_role = replica");
    return (await client.query<Row>(sql, values === undefined ? undefined : [...values])).rows;
  } finally {
    await client.end();
  }
}
