import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { PgListener } from "./pg-listener.js";

let database: FreshDatabase;
let other: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  other = new pg.Client({ connectionString: database.superuserUrl });
  await other.connect();
});
afterAll(async () => {
  await other?.end();
  await database?.drop();
});

const connections = async (): Promise<number> =>
  (await other.query("select 1 from pg_stat_activity where application_name = 'ziggurat-listen' and datname = current_database()")).rows
    .length;

describe("listening", () => {
  it("hears every channel over one connection, and is told to read again after the connection was lost", async () => {
    const listener = new PgListener({ databaseUrl: database.appUrl });
    const heard: Record<string, string[]> = { one: [], two: [] };
    for (const channel of ["one", "two"]) listener.on(channel).subscribe((payload) => heard[channel]?.push(payload));
    const settled = (channel: string) => expect.poll(() => heard[channel], { timeout: 15_000, interval: 10 });
    await settled("two").toEqual([""]);
    expect(await connections()).toBe(1);
    await other.query("select pg_notify('one', 'a'), pg_notify('two', 'b'), pg_notify('three', 'c')");
    await settled("one").toEqual(["", "a"]);
    await settled("two").toEqual(["", "b"]);

    await other.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ziggurat-listen' and datname = current_database()",
    );
    await settled("one").toEqual(["", "a", ""]);
    await other.query("notify one, 'after'");
    await settled("one").toEqual(["", "a", "", "after"]);
    await listener.onModuleDestroy();
    expect(await connections()).toBe(0);
  });

  it("completes its readers when the process drains, so that streams end", async () => {
    const listener = new PgListener({ databaseUrl: database.appUrl });
    const ended = new Promise<void>((resolve) => listener.on("one").subscribe({ complete: resolve }));
    await listener.onModuleDestroy();
    await ended;
    await new Promise<void>((resolve) => listener.on("one").subscribe({ complete: resolve }));
  });
});
