import { DataSource, MigrationExecutor } from "typeorm";
import { checkRelease } from "./check-release.js";
import { migrations } from "./migrations/index.js";

/** One number for all processes of one database: whoever holds it migrates, the others wait and then find nothing to do. */
const MIGRATION_LOCK = 7_410_001;

/**
 * Brings the schema up to date as its owner, under an advisory lock. Each migration is a transaction of its own, so a process killed in
 * between leaves whole steps, and the next start goes on behind them. Throws StartRefusal where a newer release was here.
 * @returns names of the migrations that ran now, oldest first
 */
export async function migrate(ownerUrl: string): Promise<readonly string[]> {
  const dataSource = await new DataSource({
    type: "postgres",
    url: ownerUrl,
    applicationName: "ziggurat-migrate",
    poolSize: 2,
    entities: [],
    migrations,
    migrationsTransactionMode: "each",
  }).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const recorded = await new MigrationExecutor(dataSource).getExecutedMigrations();
    checkRelease(
      recorded.map(({ name }) => name),
      dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name),
    );
    const ran = await dataSource.runMigrations();
    return ran.map(({ name }) => name);
  } finally {
    await lock.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => undefined);
    await lock.release();
    await dataSource.destroy();
  }
}
