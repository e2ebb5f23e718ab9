import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** What `postmaster.pid` says. Its lines: pid, data directory, start time, port, socket directory, address, shared memory, state. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | null;
  readonly isReady: boolean;
}

/** Who the pid file of a cluster points at. A file whose process is gone, or is another program by now, is stale; it is never deleted. */
export type Postmaster =
  | { readonly kind: "none" }
  | { readonly kind: "stale"; readonly reusedPid: number | null }
  | { readonly kind: "alive"; readonly file: PostmasterFile };

/** Looks at the pid file of a data directory and at the process that it names. */
export function findPostmaster(dataDirectory: string): Postmaster {
  const file = readPostmasterFile(dataDirectory);
  if (file === null) return { kind: "none" };
  if (!isAlive(file.pid)) return { kind: "stale", reusedPid: null };
  return servesDirectory(file.pid, dataDirectory) ? { kind: "alive", file } : { kind: "stale", reusedPid: file.pid };
}

export function readPostmasterFile(dataDirectory: string): PostmasterFile | null {
  const path = join(dataDirectory, "postmaster.pid");
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, "utf8").split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number.isInteger(port) && port > 0 ? port : null, isReady: lines[7]?.trim() === "ready" };
}

/** True while a process of that number exists, whoever owns it. A zombie counts as gone. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) === "Z";
  } catch {
    return false;
  }
}

/** A postmaster works inside its data directory; where that cannot be read, its command line names it. */
function servesDirectory(pid: number, dataDirectory: string): boolean {
  const real = realpathSync(dataDirectory);
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === real;
  } catch {
    const { stdout } = spawnSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return stdout?.includes("postgres") === true && stdout.includes(real);
  }
}
