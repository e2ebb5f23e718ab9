import { rmSync } from "node:fs";
import { join } from "node:path";
import { paths, type SecretKeyState } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { type FreshDatabase, freshDatabase } from "../../test/fresh-database.js";
import { asSystem, startPlatform } from "../../test/harness.js";
import { spawnProgram } from "../../test/spawned.js";
import { Vault } from "../platform/keys/vault.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const OLD = "the operator's key of last year, long";
const NEW = "the operator's key of this year, long";

let database: FreshDatabase;
let program: string;
beforeAll(async () => {
  database = await freshDatabase();
  program = await bundleProgram(join(import.meta.dirname, "../main.operator.ts"), "operator-rotation");
});
afterAll(async () => {
  rmSync(join(program, ".."), { recursive: true, force: true });
  await database?.drop();
});

/** The command, on the database that the platform has. */
async function rotate(env: Readonly<Record<string, string>>, ...words: readonly string[]) {
  const run = spawnProgram(program, ["rotate-secret-key", ...words], { DATABASE_URL: database.superuserUrl, ...env });
  const code = await run.end();
  return { code, said: run.lines.map(({ text }) => String(text)), errors: await run.errors() };
}

it("closes everything under the new key while the platform is stopped, which then starts with that alone", async () => {
  const before = await startPlatform({ database, env: { ZIGGURAT_SECRET_KEY: OLD } });
  const { userId, institutionId } = before.admin.viewer;
  const secret = new Vault(OLD).close("the secret of a second factor", { table: "second_factors", row: userId });
  await asSystem(before, "insert into second_factors (user_id, institution_id, secret) values ($1, $2, $3)", [
    userId,
    institutionId,
    secret,
  ]);
  await before.close();

  const [oldId, newId] = [new Vault(OLD).keyId, new Vault(NEW).keyId];
  const wrong = await rotate({ ZIGGURAT_SECRET_KEY: NEW });
  expect([wrong.code, wrong.errors]).toEqual([2, expect.stringContaining(`some lie under the key ${oldId}`)]);
  const none = await rotate({});
  expect([none.code, none.errors]).toEqual([2, expect.stringContaining("ZIGGURAT_SECRET_KEY")]);
  expect((await rotate({ ZIGGURAT_SECRET_KEY: NEW }, "--email", "x@x.example")).errors).toContain("usage:");

  const keys = { ZIGGURAT_SECRET_KEY: NEW, ZIGGURAT_SECRET_KEY_PREVIOUS: OLD };
  const done = await rotate(keys);
  expect([done.code, done.errors]).toEqual([0, ""]);
  expect(done.said).toEqual([
    `platform_keys: 3 under the key ${newId}, 3 of them closed now`,
    `second_factors: 1 under the key ${newId}, 1 of them closed now`,
    `identity_providers: 0 under the key ${newId}, 0 of them closed now`,
    `sessions: 0 under the key ${newId}, 0 of them closed now`,
    `federated_sign_ins: 0 under the key ${newId}, 0 of them closed now`,
    expect.stringMatching(/^Done\./),
  ]);
  expect((await rotate(keys)).said[0]).toBe(`platform_keys: 3 under the key ${newId}, 0 of them closed now`);

  const after = await startPlatform({ database, env: { ZIGGURAT_SECRET_KEY: NEW } });
  try {
    const [row] = await asSystem<{ secret: string }>(after, "select secret from second_factors");
    expect(new Vault(NEW).open(row?.secret ?? "", { table: "second_factors", row: userId })).toBe("the secret of a second factor");
    await asSystem(after, "delete from second_factors");
    const state: SecretKeyState = (await (await after.as("admin@ziggurat.example")).get(paths.secretKey())).body;
    expect(state).toMatchObject({ keyId: newId, isDone: true });
  } finally {
    await after.close();
  }
});
