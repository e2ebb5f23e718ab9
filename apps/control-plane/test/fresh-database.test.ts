import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "./fresh-database.js";

let databases: readonly FreshDatabase[] = [];
beforeAll(async () => {
  databases = await Promise.all([freshDatabase(), freshDatabase()]);
});
afterAll(() => Promise.all(databases.map((database) => database.drop())));

async function read(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

it("gives every caller a database of its own, with the tables of the migrations", async () => {
  const [one, two] = databases;
  expect(one?.name).not.toBe(two?.name);
  const tables = await read(`${one?.ownerUrl}`, "select count(*)::int > 10 as enough from pg_tables where schemaname = 'public'");
  expect(tables).toEqual([{ enough: true }]);
});

it("lets the application in as the login that row-level security binds", async () => {
  const [one] = databases;
  expect(await read(`${one?.appUrl}`, "select current_user as login, has_schema_privilege('bullmq', 'CREATE') as queue")).toEqual([
    { login: "ziggurat_app", queue: true },
  ]);
});
