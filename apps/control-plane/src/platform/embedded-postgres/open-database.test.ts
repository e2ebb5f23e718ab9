import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleProgram } from "../../../test/bundle.js";
import { type Spawned, spawnProgram } from "../../../test/spawned.js";
import { findPostmaster, isAlive, readPostmasterFile } from "./postmaster.js";
import { withSessionOptions } from "./urls.js";

const isRoot = process.getuid?.() === 0;
vi.setConfig({ testTimeout: 60_000 });
let program = "";
let folder = "";
const running: Spawned[] = [];

const seed = mkdtempSync(join(tmpdir(), "ziggurat-seed-"));

/** Most tests begin with a data directory that was used and left; it is made once, because making one takes a second or more. */
beforeAll(async () => {
  program = await bundleProgram("test/database-process.ts", "database-process");
  chmodSync(seed, 0o711);
  const first = spawnProgram(program, [join(seed, "data"), "all"]);
  await first.line("ready");
  await first.end("SIGTERM");
});
afterAll(() => {
  for (const path of [seed, join(program, "..")]) rmSync(path, { recursive: true, force: true });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((entry) => entry.end("SIGTERM")));
  const left = existsSync(join(cluster(), "PG_VERSION")) ? readPostmasterFile(cluster()) : null;
  if (left !== null && isAlive(left.pid)) {
    process.kill(left.pid, "SIGKILL");
    await gone(left.pid);
  }
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
  folder = "";
});

const cluster = (): string => join(folder, "data", "postgres", "cluster");

function aFolder(mode = 0o711): string {
  folder = mkdtempSync(join(tmpdir(), "ziggurat-start-"));
  chmodSync(folder, mode);
  return join(folder, "data");
}

function aUsedFolder(): string {
  const dataDir = aFolder();
  if (spawnSync("cp", ["-a", join(seed, "data"), dataDir]).status !== 0) throw new Error("the seed could not be copied");
  return dataDir;
}

function start(dataDir: string, role = "all", env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []): Spawned {
  const spawned = spawnProgram(program, [dataDir, role], env, flags);
  running.push(spawned);
  return spawned;
}

async function ready(spawned: Spawned): Promise<{ appUrl: string; ownerUrl: string; queueUrl: string; location: string }> {
  const line = await spawned.line("ready");
  return { appUrl: `${line.appUrl}`, ownerUrl: `${line.ownerUrl}`, queueUrl: `${line.queueUrl}`, location: `${line.location}` };
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<readonly T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 15_000, interval: 20 }).toBe(false);
}

function postmasterPid(): number {
  const found = findPostmaster(cluster());
  if (found.kind !== "alive") throw new Error(`no server: ${found.kind}`);
  return found.file.pid;
}

describe("a fresh data directory", () => {
  it("gets a UTF-8 database that sorts alike on every machine, and the server stops with its only process", async () => {
    const process1 = start(aFolder());
    const { appUrl } = await ready(process1);
    const [facts] = await query<{ encoding: string; provider: string; locale: string; major: string; words: string[] }>(
      appUrl,
      `select pg_encoding_to_char(encoding) as encoding, datlocprovider::text as provider, datlocale as locale,
              current_setting('server_version_num') as major,
              (select array_agg(word order by word) from unnest(array['b', 'B', 'a', 'é', '中']) word) as words
         from pg_database where datname = current_database()`,
    );
    expect(facts).toMatchObject({ encoding: "UTF8", provider: "b", locale: "C.UTF-8", words: ["B", "a", "b", "é", "中"] });
    const pid = postmasterPid();
    expect(await process1.end("SIGTERM")).toBe(0);
    await gone(pid);
    expect(existsSync(join(cluster(), "postmaster.pid"))).toBe(false);
  });

  it("keeps its passwords to the user who started it and demands them on the wire", async () => {
    const { appUrl, location } = await ready(start(aFolder()));
    expect(statSync(join(location, "secrets.json")).mode & 0o777).toBe(0o600);
    const address = new URL(appUrl);
    expect(address.hostname).toBe("127.0.0.1");
    address.password = "guess";
    await expect(query(address.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
    address.username = "postgres";
    await expect(query(address.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  });

  it("lets two processes that start at once share one database", async () => {
    const dataDir = aFolder();
    const [http, worker] = [start(dataDir, "http"), start(dataDir, "worker")];
    const addresses = await Promise.all([ready(http), ready(worker)]);
    expect(addresses[0].appUrl).toBe(addresses[1].appUrl);
  });
});

describe("the application login", () => {
  it("is bound by row-level security and cannot lift it", async () => {
    const { ownerUrl, appUrl } = await ready(start(aUsedFolder()));
    await query(
      ownerUrl,
      `create table secret (institution text, word text);
       alter table secret enable row level security; alter table secret force row level security;
       create policy own on secret using (institution = current_setting('app.org', true));
       grant select, insert on secret to ziggurat_app;
       alter table secret no force row level security; insert into secret values ('a', 'one'), ('b', 'two'); alter table secret force row level security`,
    );
    expect(await query(withSessionOptions(appUrl, "-c app.org=a"), "select word from secret")).toEqual([{ word: "one" }]);
    expect(await query(appUrl, "select word from secret")).toEqual([]);
    expect(
      await query(appUrl, "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"),
    ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }]);
    for (const attempt of [
      "alter table secret disable row level security",
      "drop policy own on secret",
      "set role ziggurat_owner",
      "set session authorization postgres",
      "alter role ziggurat_app bypassrls",
      "set row_security = off; select * from secret",
    ]) {
      await expect(query(appUrl, attempt)).rejects.toThrow(/permission|owner|row-level security/);
    }
    expect(await query(ownerUrl, "select word from secret")).toEqual([]);
  });
});

describe("a server that is there already", () => {
  it("is adopted after kill -9 of the process that started it", async () => {
    const dataDir = aUsedFolder();
    const first = start(dataDir);
    const { ownerUrl } = await ready(first);
    await query(ownerUrl, "create table kept (n int); insert into kept values (7)");
    const pid = postmasterPid();
    await first.end("SIGKILL");
    expect(isAlive(pid)).toBe(true);

    const second = start(dataDir);
    const adopted = await ready(second);
    expect(postmasterPid()).toBe(pid);
    expect(await query(adopted.ownerUrl, "select n from kept")).toEqual([{ n: 7 }]);
    await second.end("SIGTERM");
    await gone(pid);
  });

  it("is shared by an http and a worker process until the last one leaves, in either order", async () => {
    const dataDir = aUsedFolder();
    const [http, worker] = [start(dataDir, "http"), start(dataDir, "worker")];
    await Promise.all([ready(http), ready(worker)]);
    const pid = postmasterPid();
    await http.end("SIGTERM");
    expect(isAlive(pid)).toBe(true);
    const again = start(dataDir, "http");
    await ready(again);
    expect(postmasterPid()).toBe(pid);
    await Promise.all([worker.end("SIGTERM"), again.end("SIGTERM")]);
    await gone(pid);
  });

  it("refuses a second process of the same role in words, with exit code 2, and harms nothing", async () => {
    const dataDir = aUsedFolder();
    const { appUrl } = await ready(start(dataDir));
    for (const role of ["all", "http", "worker"]) {
      const second = start(dataDir, role);
      expect((await second.line("refusal")).refusal).toMatch(/already does the (http|worker) role on .*role all, process \d+/);
      expect(await second.end()).toBe(2);
    }
    expect(await query(appUrl, "select 1 as one")).toEqual([{ one: 1 }]);
  });
});

describe("a server that died", () => {
  it("comes back from a stale pid file with everything that was committed", async () => {
    const dataDir = aUsedFolder();
    const first = start(dataDir);
    const { ownerUrl } = await ready(first);
    await query(ownerUrl, "create table kept (n int); insert into kept values (7)");
    const pid = postmasterPid();
    await first.end("SIGKILL");
    process.kill(pid, "SIGKILL");
    await gone(pid);
    expect(readPostmasterFile(cluster())?.pid).toBe(pid);
    expect(await query((await ready(start(dataDir))).ownerUrl, "select n from kept")).toEqual([{ n: 7 }]);
  });

  it("comes back although its old process number now belongs to another program of the same user", async () => {
    const dataDir = aUsedFolder();
    const first = start(dataDir);
    await ready(first);
    const pid = postmasterPid();
    await first.end("SIGKILL");
    process.kill(pid, "SIGKILL");
    await gone(pid);
    const { uid, gid } = statSync(cluster());
    const other = spawn("sleep", ["600"], isRoot ? { uid, gid } : {});
    try {
      const file = join(cluster(), "postmaster.pid");
      writeFileSync(file, readFileSync(file, "utf8").replace(/^\d+/, `${other.pid}`));
      await ready(start(dataDir));
      expect(postmasterPid()).not.toBe(other.pid);
    } finally {
      other.kill("SIGKILL");
    }
  });

  it("is started again on the same port while a process holds it, and the role stays taken", async () => {
    const dataDir = aUsedFolder();
    const first = start(dataDir);
    const { appUrl } = await ready(first);
    process.kill(postmasterPid(), "SIGKILL");
    await expect.poll(() => first.lines.some((line) => `${line.info}`.includes("is back")), { timeout: 20_000 }).toBe(true);
    expect(await query(appUrl, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(await start(dataDir).end()).toBe(2);
  });
});

describe("ports", () => {
  it("moves to another port when the remembered one is taken meanwhile", async () => {
    const dataDir = aUsedFolder();
    const first = start(dataDir);
    const port = Number(new URL((await ready(first)).appUrl).port);
    await first.end("SIGTERM");
    const squatter = createServer().listen(port, "127.0.0.1");
    try {
      await new Promise((resolve) => squatter.once("listening", resolve));
      const { appUrl } = await ready(start(dataDir));
      expect(Number(new URL(appUrl).port)).not.toBe(port);
    } finally {
      squatter.close();
    }
  });

  it("never dials the machine's own PostgreSQL or Redis", async () => {
    const dataDir = aUsedFolder();
    const dials = join(folder, "dials");
    const { appUrl, queueUrl } = await ready(
      start(dataDir, "all", { DIALS_FILE: dials }, ["--import", join(import.meta.dirname, "../../../test/record-dials.mjs")]),
    );
    const ports = new Set(readFileSync(dials, "utf8").trim().split("\n"));
    expect([...ports]).toEqual([new URL(appUrl).port]);
    expect(new URL(queueUrl).port).toBe(new URL(appUrl).port);
    expect(ports).not.toContain("5432");
    expect(ports).not.toContain("6379");
  });
});

describe.runIf(isRoot)("as root", () => {
  it("keeps the database of a private folder outside it, says where, and finds it again", async () => {
    const dataDir = aFolder(0o700);
    const first = start(dataDir);
    const { location, ownerUrl } = await ready(first);
    try {
      expect(location.startsWith(folder)).toBe(false);
      expect(first.lines.some((line) => `${line.warn}`.includes(location))).toBe(true);
      await query(ownerUrl, "create table kept (n int)");
      await first.end("SIGTERM");
      const again = await ready(start(dataDir));
      expect(again.location).toBe(location);
      expect(await query(again.ownerUrl, "select n from kept")).toEqual([]);
      await Promise.all(running.splice(0).map((entry) => entry.end("SIGTERM")));
      expect(existsSync(join(location, "cluster", "postmaster.pid"))).toBe(false);
    } finally {
      rmSync(location, { recursive: true, force: true });
    }
  });

  it("never runs the server as root", async () => {
    await ready(start(aUsedFolder()));
    expect(spawnSync("ps", ["-o", "uid=", "-p", String(postmasterPid())], { encoding: "utf8" }).stdout.trim()).not.toBe("0");
  });
});

it.runIf(isRoot)("works as a normal user, without any account of its own", async () => {
  const dataDir = aFolder(0o777);
  mkdirSync(dataDir, { mode: 0o777 });
  chmodSync(dataDir, 0o777);
  const script = `process.setgid(65534); process.setuid(65534); process.argv.splice(1, 1); await import(process.argv[1]);`;
  const wrapper = join(folder, "as-nobody.mjs");
  writeFileSync(wrapper, script);
  const spawned = spawnProgram(wrapper, [program, dataDir, "all"]);
  running.push(spawned);
  const { appUrl } = await ready(spawned);
  expect(await query(appUrl, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(statSync(cluster()).uid).toBe(65534);
});
