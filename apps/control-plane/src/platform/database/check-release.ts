import { StartRefusal } from "../start-refusal.js";
import { version } from "../version.js";

/**
 * Refuses a database that a newer release has opened. Its tables may mean something that this release does not know, and writing into them
 * by older rules would do damage that nobody sees.
 * @param recorded names of the migrations that the database says have run
 * @param known names of those that this release has
 */
export function checkRelease(recorded: readonly string[], known: readonly string[]): void {
  const unknown = recorded.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new StartRefusal(
    `This database was opened by a newer Ziggurat, and there is no way back to this one (${version}): its schema has ${unknown.join(", ")}, ` +
      "which this release does not know. Start the newer release again, or put back the backup made before the upgrade.",
  );
}
