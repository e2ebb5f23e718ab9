import type { Config } from "../config.js";

/** Whether other processes may answer requests beside this one. */
export function areShared({ role, database }: Pick<Config, "role" | "database">): boolean {
  return database.url !== null && role !== "worker";
}
