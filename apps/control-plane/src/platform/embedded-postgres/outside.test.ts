import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runMigrations } from "bullmq";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedDatabase, openEmbedded } from "./embedded.js";
import { openDatabase } from "./open-database.js";

const silent = { info: () => undefined, warn: () => undefined };
const folder = mkdtempSync(join(tmpdir(), "ziggurat-outside-"));
let server: EmbeddedDatabase;
let superuserUrl = "";

beforeAll(async () => {
  chmodSync(folder, 0o711);
  server = await openEmbedded({ dataDir: join(folder, "data"), role: "all", settings: { fsync: "off" } }, silent);
});
afterAll(async () => {
  await server.release();
  rmSync(folder, { recursive: true, force: true });
});

/** A server as an administrator would hand it over: no role and no database of ours. */
beforeEach(async () => {
  await admin("drop database if exists ziggurat with (force)");
  await admin("drop database if exists platform with (force)");
  await admin("drop role if exists ziggurat_app");
  await admin("drop role if exists guest");
  await admin("create database platform");
  superuserUrl = urlOf("platform");
});

const urlOf = (database: string): string => server.urls.superuser.replace(/\/postgres$/, `/${database}`);
const admin = (sql: string): Promise<unknown> => query(server.urls.superuser, sql);
const open = (url: string) => openDatabase({ dataDir: folder, role: "all", database: { url }, queue: { url: null } }, silent);

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function aGuest(attributes: string): Promise<string> {
  await admin(`create role guest login password 'guest' ${attributes}`);
  await admin("alter database platform owner to guest");
  const address = new URL(superuserUrl);
  address.username = "guest";
  address.password = "guest";
  return address.href;
}

describe("DATABASE_URL of a superuser", () => {
  it("binds the application to row-level security all the same", async () => {
    const { appUrl, ownerUrl, mode } = await open(superuserUrl);
    expect(mode).toBe("external");
    await query(
      ownerUrl,
      "create table secret (word text); insert into secret values ('one'); grant select on secret to ziggurat_app; alter table secret enable row level security, force row level security",
    );
    expect(await query(ownerUrl, "select word from secret")).toEqual([{ word: "one" }]);
    expect(await query(appUrl, "select current_user as login")).toEqual([{ login: "ziggurat_app" }]);
    expect(await query(appUrl, "select word from secret")).toEqual([]);
    await expect(query(appUrl, "alter table secret disable row level security")).rejects.toThrow(/owner/);
  });

  it("lets the application migrate the queue in its own schema", async () => {
    const { queueUrl } = await open(superuserUrl);
    const client = new pg.Client({ connectionString: queueUrl });
    await client.connect();
    await runMigrations(client, "bullmq");
    await client.end();
    expect(await query(superuserUrl, "select distinct tableowner from pg_tables where schemaname = 'bullmq'")).toEqual([
      { tableowner: "ziggurat_app" },
    ]);
    expect(await query(queueUrl, "select count(*)::int as jobs from job")).toEqual([{ jobs: 0 }]);
  });

  it("is prepared once by two processes that start together", async () => {
    const both = await Promise.all([open(superuserUrl), open(superuserUrl)]);
    expect(both[0].appUrl).toBe(both[1].appUrl);
  });
});

describe("DATABASE_URL of an ordinary login", () => {
  it("suffices when it may create roles", async () => {
    const { appUrl } = await open(await aGuest("createrole"));
    expect(await query(appUrl, "select current_user as login")).toEqual([{ login: "ziggurat_app" }]);
  });

  it("is refused with the statements to run when it may not, and accepted after they ran", async () => {
    const url = await aGuest("");
    const refusal = await open(url).catch((error: Error) => error.message);
    expect(refusal).toMatch(/may not create the role ziggurat_app/);
    for (const statement of `${refusal}`.split("\n").slice(1)) await admin(statement);
    expect(await query((await open(url)).appUrl, "select current_user as login")).toEqual([{ login: "ziggurat_app" }]);
  });

  it("is refused when the application role would escape row-level security", async () => {
    await admin("create role ziggurat_app bypassrls");
    await expect(open(superuserUrl)).rejects.toThrow(/escapes row-level security/);
  });

  it("is refused in words when nothing answers, without repeating the password", async () => {
    const refusal = await open("postgres://someone:hunter2@127.0.0.1:1/platform").catch((error: Error) => error.message);
    expect(refusal).toMatch(/does not answer/);
    expect(refusal).not.toContain("hunter2");
  });
});
