import { openDatabase } from "../src/platform/embedded-postgres/open-database.js";
import type { ProcessRole } from "../src/platform/embedded-postgres/role-locks.js";
import { StartRefusal } from "../src/platform/start-refusal.js";

/** A process that holds the database as the platform does: `node database-process.mjs DIR ROLE`. Speaks JSON lines on stdout. */
const [dataDir = "", role = "all"] = process.argv.slice(2);
const say = (line: Readonly<Record<string, unknown>>): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const isRole = (text: string): text is ProcessRole => ["all", "http", "worker"].includes(text);

try {
  const database = await openDatabase(
    { dataDir, role: isRole(role) ? role : "all", database: { url: null }, queue: { url: null } },
    { info: (message) => say({ info: message }), warn: (message) => say({ warn: message }) },
    () => process.exit(1),
  );
  process.once("SIGTERM", () => {
    void database.release().then(() => process.exit(0));
  });
  say({ ready: true, ...database });
} catch (error) {
  if (!(error instanceof StartRefusal)) throw error;
  say({ refusal: error.message });
  process.exitCode = error.exitCode;
}
