import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

/** Which process it is: a bare pid may be reused, so the start time and the boot go with it. */
export const ProcessIdentity = z.strictObject({ pid: z.number().int().min(1), startTime: z.string(), bootId: z.string() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** Identity of a live process, or null when there is none. Zombies count as gone: they hold a pid and do nothing. */
export async function identityOf(pid: number): Promise<ProcessIdentity | null> {
  return process.platform === "linux" ? linuxIdentity(pid) : psIdentity(pid);
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identityOf(identity.pid);
  return now !== null && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

async function linuxIdentity(pid: number): Promise<ProcessIdentity | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  // The command in parentheses may hold spaces and parentheses; everything after the last one is plain. State is field 3, start time 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = fields[19];
  if (startTime === undefined || fields[0] === "Z" || fields[0] === "X") return null;
  return { pid, startTime, bootId: (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim() };
}

/** Where there is no /proc: `ps` names start times to the second. */
async function psIdentity(pid: number): Promise<ProcessIdentity | null> {
  const answer = await promisify(execFile)("ps", ["-o", "stat=,lstart=", "-p", String(pid)]).catch(() => null);
  const line = answer?.stdout.trim() ?? "";
  if (line === "" || line.startsWith("Z")) return null;
  return { pid, startTime: line.slice(line.indexOf(" ") + 1).trim(), bootId: "none" };
}

/** Signals the whole group of a process that is surely still the same; false when it is gone. */
export async function signalGroup(identity: ProcessIdentity | null, signal: NodeJS.Signals): Promise<boolean> {
  if (identity === null || !(await isAlive(identity))) return false;
  try {
    process.kill(-identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}
