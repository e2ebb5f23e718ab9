import { randomBytes } from "node:crypto";

/** Ids of the platform's form: time first, so that indexes grow at their end as they do there. */
export function idMaker(): (prefix: string) => string {
  return (prefix) => `${prefix}_${Date.now().toString(16).padStart(12, "0")}${randomBytes(10).toString("hex")}`;
}
