import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAs, serverUser } from "../../src/platform/embedded-postgres/os-user.js";

interface ScratchPostgres {
  /** The owner of an empty database. */
  readonly url: string;
  /** Schema and rows as SQL that any client can run, without a word of where they were made. */
  dump(): string;
}

/** A PostgreSQL of this machine, for as long as `act` runs: the embedded one brings no pg_dump, and a dump needs server and program of one release. */
export async function withScratchPostgres(act: (postgres: ScratchPostgres) => Promise<void>): Promise<void> {
  const bin = execFileSync("pg_config", ["--bindir"], { encoding: "utf8" }).trim();
  const user = serverUser(null);
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-scratch-"));
  chmodSync(folder, 0o711);
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const run = (program: string, ...args: string[]): string =>
    execFileSync(join(bin, program), args, {
      ...runAs(user),
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "inherit"],
    });
  const data = join(folder, "cluster");
  run("initdb", "-D", data, "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust", "--username=postgres");
  run("pg_ctl", "start", "-w", "-D", data, "-l", join(folder, "log"), "-o", `-c listen_addresses= -c unix_socket_directories=${folder}`);
  try {
    const sql = (statement: string) => run("psql", "-h", folder, "-U", "postgres", "-qc", statement);
    sql("create role ziggurat_app nologin nosuperuser nobypassrls");
    sql("create role ziggurat_owner login nosuperuser nobypassrls createrole");
    sql("grant ziggurat_app to ziggurat_owner");
    sql("create database ziggurat owner ziggurat_owner");
    await act({
      url: `postgres://ziggurat_owner@localhost/ziggurat?host=${encodeURIComponent(folder)}`,
      dump: () => tidied(run("pg_dump", "-h", folder, "-U", "postgres", "-d", "ziggurat", "--rows-per-insert=100")),
    });
  } finally {
    run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Without commands of psql, headlines and blank lines between them. The search folds letters by what its server has for it, which on the
 * embedded one is `pg_c_utf8`, and on servers before 17 is ICU's.
 */
function tidied(dump: string): string {
  return dump
    .replace(/^\\.*\n/gm, "")
    .replace(/^--\n-- .*\n--\n/gm, "")
    .replace(/^-- (Dumped|PostgreSQL).*\n/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replaceAll('collate "und-x-icu"', 'collate "pg_c_utf8"');
}
