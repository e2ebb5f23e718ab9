/** Nest token of the {@link Runtime}. */
export const RUNTIME = Symbol("RUNTIME");

/** What this process runs on, found out before the modules are built. */
export interface Runtime {
  /** `all` runs both roles in one process. */
  readonly role: "all" | "http" | "worker";
  /** PostgreSQL as the application login, which cannot bypass row-level security. */
  readonly databaseUrl: string;
  /** `postgres://` or `redis://`. */
  readonly queueUrl: string;
}

/** Loops and queue handlers run only where this holds. */
export function isWorker(runtime: Pick<Runtime, "role">): boolean {
  return runtime.role !== "http";
}

/** Nest token of {@link Announce}. */
export const ANNOUNCE = Symbol("ANNOUNCE");

/** Says one line to the person who started the process. Used for what they must read, and for nothing else. */
export type Announce = (line: string) => void;
