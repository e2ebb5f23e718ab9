import { join } from "node:path";
import { paths, type SecretKeyState } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { type FreshDatabase, freshDatabase } from "../../test/fresh-database.js";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";
import { SEALED_COLUMNS } from "../platform/keys/sealed-columns.js";
import { Vault } from "../platform/keys/vault.js";
import { KeyRotation } from "./key-rotation.service.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const OLD = "the operator's key of last year, long";
const NEW = "the operator's key of this year, long";
const FACTORS = 1500;

let database: FreshDatabase;
let platform: TestPlatform | null = null;
beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  await platform?.close();
  platform = null;
});
afterAll(() => database?.drop());

async function started(key: string | null, previous: readonly string[] = []): Promise<TestPlatform> {
  const env = { ...(key === null ? {} : { ZIGGURAT_SECRET_KEY: key }), ZIGGURAT_SECRET_KEY_PREVIOUS: previous.join(",") };
  platform = await startPlatform({ database, env });
  return platform;
}
async function stopped(): Promise<void> {
  await platform?.close();
  platform = null;
}
const stateOf = async (running: TestPlatform): Promise<SecretKeyState> => (await running.admin.get(paths.secretKey())).body;
const secretsOf = (running: TestPlatform) =>
  asSystem<{ id: string; secret: string }>(running, "select user_id as id, secret from second_factors order by user_id");

/** People with a second factor each, closed as the platform closed them then. */
async function fill(running: TestPlatform, vault: Vault): Promise<void> {
  const ids = Array.from({ length: FACTORS }, (_, n) => `usr_${String(n).padStart(32, "0")}`);
  await asSystem(
    running,
    `insert into users (id, institution_id, email, name, password_hash, roles)
     select id, 'ins_00000000000000000000000000000000', id || '@x.example', 'x', '', '{auditor}' from unnest($1::text[]) id`,
    [ids],
  );
  await asSystem(
    running,
    `insert into second_factors (user_id, institution_id, secret)
     select given.id, 'ins_00000000000000000000000000000000', given.secret from unnest($1::text[], $2::text[]) as given (id, secret)`,
    [ids, ids.map((row) => vault.close(`secret of ${row}`, { table: "second_factors", row }))],
  );
}

describe("a secret key", () => {
  it("that is set for the first time closes what lay open before", async () => {
    const open = await started(null);
    await fill(open, new Vault(null));
    expect(await stateOf(open)).toMatchObject({ keyId: null, isDone: true });
    await stopped();

    const running = await started(OLD);
    expect(await stateOf(running)).toMatchObject({
      isDone: false,
      secrets: expect.arrayContaining([
        { kind: "platform_keys", current: 0, waiting: 3 },
        { kind: "second_factors", current: 0, waiting: FACTORS },
      ]),
    });
    await running.app.get(KeyRotation).run();
    expect(await stateOf(running)).toEqual({
      keyId: new Vault(OLD).keyId,
      isDone: true,
      secrets: expect.arrayContaining([
        { kind: "platform_keys", current: 3, waiting: 0 },
        { kind: "second_factors", current: FACTORS, waiting: 0 },
      ]),
    });
    const texts = (await secretsOf(running)).map(({ secret }) => secret);
    expect(texts.filter((text) => text.includes("secret of"))).toEqual([]);
    const written = await asSystem<{ n: number }>(
      running,
      "select count(*)::int as n from audit_entries where action = 'secret_key.rotate'",
    );
    expect(written).toEqual([{ n: 1 + FACTORS / 100 }]);
  });

  it("that is not the one the secrets lie under ends the start with one clear line, and changes nothing", async () => {
    const before = await (async () => secretsOf(await started(OLD)))();
    await stopped();
    const id = new Vault(OLD).keyId;
    for (const key of [NEW, null]) {
      await expect(started(key)).rejects.toThrow(`cannot be opened: some lie under the key ${id}`);
    }
    // A key that opens the platform's own keys is not enough where others would stay closed.
    const running = await started(NEW, [OLD]);
    await asSystem(running, "update second_factors set secret = 'sealed2:deadbeef:AAAA' where user_id = $1", [before[0]?.id]);
    await stopped();
    await expect(started(NEW, [OLD])).rejects.toThrow("deadbeef");
    const repair = await asOwner(`update second_factors set secret = '${before[0]?.secret}' where user_id = '${before[0]?.id}'`);
    expect(repair).toBe(1);
    expect(await secretsOf(await started(OLD))).toEqual(before);
  });

  it("changed: a worker killed in the middle, and again, goes on where it stood, and nothing is lost", async () => {
    const program = await bundleProgram(join(import.meta.dirname, "../../test/platform-process.ts"), "platform-process-rotation");
    const running = await started(NEW, [OLD]);
    const waiting = async (): Promise<number> => (await stateOf(running)).secrets.reduce((sum, secret) => sum + secret.waiting, 0);
    let worker: Spawned | null = null;
    const startWorker = (): void => {
      const config = { ...running.config, role: "all", http: { ...running.config.http, port: 0 } };
      worker = spawnProgram(program, [JSON.stringify(config), database.appUrl]);
    };
    // Slow enough to be hit in the middle, as a table of millions would be.
    await asOwner(`create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.15); return null; end $$;
      create trigger slowly after update on second_factors for each statement execute function slowly()`);
    for (const left of [FACTORS - 100, FACTORS - 700]) {
      startWorker();
      await until(async () => (await waiting()) <= left, "the rotation", 60);
      await (worker as Spawned | null)?.end("SIGKILL");
    }
    expect(await waiting()).toBeGreaterThan(0);
    // In the middle everything can be read.
    const vault = new Vault(NEW, [OLD]);
    const opened = (await secretsOf(running)).map(
      ({ id, secret }) => vault.open(secret, { table: "second_factors", row: id }) === `secret of ${id}`,
    );
    expect(new Set(opened)).toEqual(new Set([true]));
    startWorker();
    await until(async () => (await stateOf(running)).isDone, "the end of the rotation", 60);
    await (worker as Spawned | null)?.end("SIGTERM");
    await asOwner("drop trigger slowly on second_factors");
    await stopped();

    const after = await started(NEW);
    const alone = new Vault(NEW);
    const texts = await secretsOf(after);
    expect(texts).toHaveLength(FACTORS);
    expect(texts.every(({ id, secret }) => alone.open(secret, { table: "second_factors", row: id }) === `secret of ${id}`)).toBe(true);
    await stopped();
    await expect(started(OLD)).rejects.toThrow("cannot be opened");
  });

  it("tells its state to administrators only", async () => {
    const running = await started(NEW);
    const engineer = await running.addPerson("platform", "engineer@ziggurat.example", "platform_engineer");
    expect((await engineer.get(paths.secretKey())).status).toBe(403);
    expect(JSON.stringify(await stateOf(running))).not.toContain(NEW);
  });
});

it("knows every column that something sealed lies in", async () => {
  const running = await started(NEW);
  const columns = await asSystem<{ table: string; column: string }>(
    running,
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = 'public' and data_type = 'text' and is_generated = 'NEVER'`,
  );
  const sealed: string[] = [];
  for (const { table, column } of columns) {
    const rows = await asSystem(running, `select 1 from "${table}" where "${column}" like 'sealed%:%' limit 1`);
    if (rows.length > 0) sealed.push(`${table}.${column}`);
  }
  expect(sealed).toEqual(expect.arrayContaining(["platform_keys.private_key", "second_factors.secret"]));
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(sealed.filter((column) => !known.includes(column))).toEqual([]);
});

async function asOwner(sql: string): Promise<number | null> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rowCount;
  } finally {
    await client.end();
  }
}
