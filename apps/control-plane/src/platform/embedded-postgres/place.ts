import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { StartRefusal } from "../start-refusal.js";
import { type Binaries, binariesAt, packagedBinaries } from "./binaries.js";
import { type OsUser, runAs, serverUser } from "./os-user.js";

/** Where the database of one data directory lives and who runs it. */
export interface Place {
  /** Folder that holds `cluster`, `secrets.json`, `port` and `server.log`. */
  readonly home: string;
  readonly binaries: Binaries;
  readonly user: OsUser | null;
  /** True when the data directory cannot be entered by the server's OS user, so the database lies outside it. */
  readonly isOutside: boolean;
}

const Pointer = z.object({ home: z.string(), madeFor: z.string() });

/**
 * Chooses where the database of a data directory lives: inside it, or, when root starts a server whose OS user cannot enter
 * that directory, in a folder outside. A file `postgres.location` in the data directory then names that folder.
 */
export function choosePlace(requested: string): Place {
  mkdirSync(requested, { recursive: true, mode: 0o711 });
  const dataDir = realpathSync(requested);
  const inside = join(dataDir, "postgres");
  const pointed = readPointer(dataDir);
  const existing = [pointed ?? inside].map((home) => join(home, "cluster")).find((cluster) => existsSync(cluster)) ?? null;
  const packaged = packagedBinaries();
  const user = serverUser(existing);
  if (user === null) return { home: pointed ?? inside, binaries: packaged, user, isOutside: pointed !== null };

  const binaries = canRun(packaged.postgres, user) ? packaged : copyBinaries(packaged, user);
  if (pointed !== null) return { home: pointed, binaries, user, isOutside: true };
  if (canEnter(dataDir, user)) return { home: inside, binaries, user, isOutside: false };
  if (existing !== null) {
    throw new StartRefusal(
      `The database in ${inside} belongs to ${user.name}, who can no longer enter ${dataDir}. Restore that permission (chmod o+x on the folders above it).`,
    );
  }
  const home = join(outsideFolder(user), createHash("sha256").update(dataDir).digest("hex").slice(0, 16));
  writeFileSync(pointerFile(dataDir), `${JSON.stringify({ home, madeFor: dataDir })}\n`);
  return { home, binaries, user, isOutside: true };
}

const pointerFile = (dataDir: string): string => join(dataDir, "postgres.location");

function readPointer(dataDir: string): string | null {
  if (!existsSync(pointerFile(dataDir))) return null;
  const { home, madeFor } = Pointer.parse(JSON.parse(readFileSync(pointerFile(dataDir), "utf8")));
  if (madeFor === dataDir) return home;
  if (existsSync(madeFor)) {
    throw new StartRefusal(
      `${dataDir} is a copy of ${madeFor}: its database still lies in ${home}. Copy that folder to ${join(dataDir, "postgres")} and remove ${pointerFile(dataDir)}, or start with the original directory.`,
    );
  }
  writeFileSync(pointerFile(dataDir), `${JSON.stringify({ home, madeFor: dataDir })}\n`);
  return home;
}

/** The answers come from trying as that account, so access lists and mount options count as well as permission bits. */
const canRun = (program: string, user: OsUser): boolean => spawnSync(program, ["--version"], runAs(user)).status === 0;
const canEnter = (folder: string, user: OsUser): boolean =>
  spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { ...runAs(user), cwd: "/" }).status === 0;

function copyBinaries(packaged: Binaries, user: OsUser): Binaries {
  const root = join(outsideFolder(user), `postgres-${packaged.build}`);
  const copy = binariesAt(root, packaged.build);
  if (canRun(copy.postgres, user)) return copy;
  const half = `${root}.new-${process.pid}`;
  cpSync(packaged.root, half, { recursive: true, verbatimSymlinks: true });
  spawnSync("chmod", ["-R", "a+rX", half]);
  rmSync(root, { recursive: true, force: true });
  renameSync(half, root);
  if (!canRun(copy.postgres, user)) throw new StartRefusal(`${copy.postgres} cannot be run by OS user ${user.name}.`);
  return copy;
}

function outsideFolder(user: OsUser): string {
  const found = ["/var/lib/ziggurat", join(tmpdir(), "ziggurat")].find((folder) => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      return statSync(folder).uid === 0 && canEnter(folder, user);
    } catch {
      return false;
    }
  });
  if (!found) {
    throw new StartRefusal(
      `OS user ${user.name} can enter neither the data directory nor /var/lib/ziggurat nor ${tmpdir()}. Use --data-dir.`,
    );
  }
  return found;
}

/** Hands a folder to the account that runs the server. */
export function giveTo(user: OsUser | null, path: string): void {
  if (user !== null) chownSync(path, user.uid, user.gid);
}
