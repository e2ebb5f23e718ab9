import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { StartRefusal } from "../start-refusal.js";

/** An OS account that runs the database server in our place. */
export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Existing accounts without rights of their own, in the order tried where no account can be made. */
const spareAccounts = ["nobody", "daemon"] as const;

/**
 * Who runs the server. PostgreSQL refuses to run as root, so root lends it an account: the owner of an existing cluster,
 * else `postgres`, else a new account of that name, else an unprivileged one that is there. Null means: run it as ourselves.
 */
export function serverUser(existingCluster: string | null): OsUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = existingCluster === null ? null : ownerOf(existingCluster);
  const user = owner ?? account("postgres") ?? madeAccount() ?? spareAccounts.map(account).find((found) => found !== null);
  if (!user) {
    throw new StartRefusal(
      "PostgreSQL refuses to run as root and this machine has no other account for it. Create an OS user named postgres, start Ziggurat as a normal user, or set DATABASE_URL.",
    );
  }
  return user;
}

/** Options that make `spawn` run a program as that account. */
export const runAs = (user: OsUser | null): { readonly uid?: number; readonly gid?: number } =>
  user === null ? {} : { uid: user.uid, gid: user.gid };

function ownerOf(path: string): OsUser | null {
  const { uid, gid } = statSync(path);
  return uid === 0 ? null : { name: accountName(uid), uid, gid };
}

function accountName(uid: number): string {
  const { status, stdout } = spawnSync("id", ["-un", String(uid)], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : `number ${uid}`;
}

function account(name: string): OsUser | null {
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    const result = spawnSync("id", [flag, name], { encoding: "utf8" });
    return result.status === 0 ? Number.parseInt(result.stdout, 10) : Number.NaN;
  });
  return uid !== undefined && gid !== undefined && uid > 0 && gid >= 0 ? { name, uid, gid } : null;
}

function madeAccount(): OsUser | null {
  spawnSync("groupadd", ["--system", "postgres"]);
  spawnSync("useradd", ["--system", "--gid", "postgres", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"]);
  return account("postgres");
}
