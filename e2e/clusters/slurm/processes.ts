import { readdirSync, readFileSync } from "node:fs";

/** Name of the variable by which every daemon, and whatever it started, is known to belong to a cluster. */
export const MARK = "ZIGGURAT_SLURM";

/** Live processes whose mark is `mark` or, when it ends with a slash, begins with it. */
export function marked(mark: string): number[] {
  const wanted = `${MARK}=${mark}`;
  return pids().filter((pid) =>
    (read(`/proc/${pid}/environ`) ?? "").split("\0").some((entry) => (mark.endsWith("/") ? entry.startsWith(wanted) : entry === wanted)),
  );
}

/**
 * Ends processes with all that they started, as a power cut would. Children are looked up before anything is killed: those of a killed
 * parent can no longer be told from strangers.
 */
export function killTrees(roots: readonly number[]): void {
  const children = new Map<number, number[]>();
  for (const pid of pids()) {
    const parent = parentOf(pid);
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const all = new Set<number>();
  const walk = (pid: number): void => {
    if (all.has(pid)) return;
    all.add(pid);
    for (const child of children.get(pid) ?? []) walk(child);
  };
  for (const pid of roots) walk(pid);
  all.delete(process.pid);
  for (const pid of all) signal(pid, "SIGKILL");
}

/** Name of a process, at most 15 characters of it. */
export const programOf = (pid: number): string | null => read(`/proc/${pid}/comm`)?.trim() ?? null;

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
}

const pids = (): number[] => readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));

function parentOf(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`);
  // The command in parentheses may hold anything; state and parent follow the last one.
  const parent = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? null : Number(parent);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
