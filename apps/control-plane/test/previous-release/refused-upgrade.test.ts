import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { migrations } from "../../src/platform/database/migrations/index.js";
import { openEmbedded } from "../../src/platform/embedded-postgres/embedded.js";
import { findPostmaster } from "../../src/platform/embedded-postgres/postmaster.js";
import { asIntruder, silent } from "./lay-out.js";
import { type ThisRelease, thisRelease } from "./this-release.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let here: ThisRelease;
beforeAll(async () => {
  here = await thisRelease("refused-upgrade");
});
afterAll(() => here?.remove());

const recorded = async (): Promise<string[]> =>
  (await asIntruder<{ name: string }>(here.dataDir, "select name from public.migrations order by id")).map(({ name }) => name);
/** The server alone, as a worker's process would find it. */
const serverAlone = () => openEmbedded({ dataDir: here.dataDir, role: "http" }, silent);

it("a power cut in the middle of migrating leaves whole steps, and the next start goes on behind them", async () => {
  const server = await serverAlone();
  const before = await recorded();
  const missing = migrations.map(({ name }) => name).filter((name) => !before.includes(name));
  const last = missing.at(-1);
  // Right after a release there is nothing to migrate, and so no middle.
  if (last === undefined) return server.release();
  // Holds the last step back, done but not yet recorded, so that the process stands in the middle of them.
  await asIntruder(here.dataDir, holdBack(last));
  const platform = here.spawn({ ZIGGURAT_ROLE: "worker" });
  const waits = async () => (await asIntruder(here.dataDir, "select from pg_stat_activity where wait_event = 'PgSleep'")).length;
  await vi.waitUntil(waits, { timeout: 30_000, interval: 20 });
  const halfway = await recorded();
  expect(halfway).toEqual([...before, ...missing.slice(0, -1)]);

  await platform.end("SIGKILL");
  const postmaster = findPostmaster(join(here.dataDir, "postgres", "cluster"));
  if (postmaster.kind !== "alive") throw new Error("no server");
  process.kill(postmaster.file.pid, "SIGKILL");
  await server.release();
  const patient = await serverAlone();
  expect(await recorded()).toEqual(halfway);
  await asIntruder(here.dataDir, "drop function public.hold_back cascade");
  await patient.release();

  await here.start();
  expect(await recorded()).toEqual([...halfway, last]);
  expect(await here.stop()).toContain(0);
});

const holdBack = (name: string) => `
  create function public.hold_back() returns trigger language plpgsql as $$ begin perform pg_sleep(3600); return new; end $$;
  create trigger hold_back before insert on public.migrations for each row when (new.name = '${name}') execute function public.hold_back()`;

it("what a newer release has opened is refused with its name and the way out, and left as it is", async () => {
  const server = await serverAlone();
  const newer = "insert into public.migrations (timestamp, name) values (9999999999999, 'Newer9999999999999')";
  await asIntruder(here.dataDir, newer);
  const before = await recorded();
  await server.release();

  const platform = here.spawn();
  expect(await platform.end()).toBe(2);
  expect(await platform.errors()).toMatch(/opened by a newer Ziggurat.*Newer9999999999999.*put back the backup/);

  const looking = await serverAlone();
  expect(await recorded()).toEqual(before);
  await looking.release();
  const table = readFileSync(join(import.meta.dirname, "../../../../docs/operators.md"), "utf8");
  expect(table).toContain("`This database was opened by a newer Ziggurat`");
});
