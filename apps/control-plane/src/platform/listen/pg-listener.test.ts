import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
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

/** Backends that listen. A client that has ended is gone there a moment later, when its server process has noticed. */
const listening = async (): Promise<number[]> =>
  (
    await other.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'ziggurat-listen' and datname = current_database()",
    )
  ).rows.map(({ pid }) => pid);
const PATIENCE = { timeout: 20_000, interval: 20 };

vi.setConfig({ testTimeout: 60_000 });

describe("listening", () => {
  it("hears every channel over one connection, and is told to read again after the connection was lost", async () => {
    const listener = new PgListener({ databaseUrl: database.appUrl });
    const heard: Record<string, string[]> = { one: [], two: [] };
    for (const channel of ["one", "two"]) listener.on(channel).subscribe((payload) => heard[channel]?.push(payload));
    const settled = (channel: string) => expect.poll(() => heard[channel], PATIENCE);
    for (const channel of ["one", "two"]) await settled(channel).toEqual([""]);
    const first = await listening();
    expect(first).toHaveLength(1);
    await other.query("select pg_notify('one', 'a'), pg_notify('two', 'b'), pg_notify('three', 'c')");
    await settled("one").toEqual(["", "a"]);
    await settled("two").toEqual(["", "b"]);

    await other.query("select pg_terminate_backend($1)", [first[0]]);
    for (const [channel, said] of [
      ["one", "a"],
      ["two", "b"],
    ] as const)
      await settled(channel).toEqual(["", said, ""]);
    await other.query("notify one, 'after'");
    await settled("one").toEqual(["", "a", "", "after"]);
    // One again, and another one: the first is gone for good.
    await expect.poll(listening, PATIENCE).toEqual([expect.not.toBeOneOf(first)]);
    await listener.onModuleDestroy();
    await expect.poll(listening, PATIENCE).toEqual([]);
  });

  it("completes its readers when the process drains, so that streams end", async () => {
    const listener = new PgListener({ databaseUrl: database.appUrl });
    const ended = new Promise<void>((resolve) => listener.on("one").subscribe({ complete: resolve }));
    await listener.onModuleDestroy();
    await ended;
    await new Promise<void>((resolve) => listener.on("one").subscribe({ complete: resolve }));
  });
});
