import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../src/platform/database/migrate.js";
import { openEmbedded } from "../src/platform/embedded-postgres/embedded.js";
import { findPostmaster, isAlive } from "../src/platform/embedded-postgres/postmaster.js";
import { makeDatabase, prepareDatabase } from "../src/platform/embedded-postgres/provision.js";

/** Addresses of the test run's server. `{database}` stands where the name of a database goes. */
export interface TestServer {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
  readonly template: string;
}

declare module "vitest" {
  interface ProvidedContext {
    testServer: TestServer;
  }
}

const prefix = "ziggurat-tests-";
const template = "ziggurat_template";

/** One embedded PostgreSQL for the whole run, with one migrated database that every test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  sweepAbandoned();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  chmodSync(folder, 0o711);
  const quiet = { info: () => undefined, warn: () => undefined };
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off", shared_buffers: "64MB" };
  const server = await openEmbedded({ dataDir: join(folder, "data"), role: "all", settings }, quiet);

  const of = (url: string): string => url.replace(/\/[^/]+$/, "/{database}");
  const urls = { superuser: of(server.urls.superuser), owner: of(server.urls.owner), app: of(server.urls.app), template };
  await makeTemplate(urls);
  project.provide("testServer", urls);
  return async () => {
    await server.release();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function makeTemplate(server: TestServer): Promise<void> {
  const at = (url: string, name: string): string => url.replace("{database}", name);
  await withClient(at(server.superuser, "postgres"), (client) => makeDatabase(client, template));
  await withClient(at(server.superuser, template), prepareDatabase);
  await migrate(at(server.owner, template));
}

async function withClient(url: string, act: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}

/** A run that was killed left its server behind: stop it, so that interrupted runs do not add up. */
function sweepAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    if (isAlive(Number(name.slice(prefix.length).split("-")[0]))) continue;
    const cluster = join(tmpdir(), name, "data", "postgres", "cluster");
    const postmaster = existsSync(cluster) ? findPostmaster(cluster) : null;
    if (postmaster?.kind === "alive") process.kill(postmaster.file.pid, "SIGQUIT");
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
