import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy, metadataPolicy } from "./create-pyramid/row-security.js";
import { holdTables } from "./retention/hold-tables.js";
import { purgeTables } from "./retention/purge-tables.js";

/** Legal holds, and tombstones of what was purged. */
export class Retention1796800000000 implements MigrationInterface {
  name = "Retention1796800000000";

  async up(runner: QueryRunner): Promise<void> {
    // An owner who is no superuser is held to the policies too, and must see every row to bring it over.
    await runner.query("select set_config('app.reach', 'system', true)");
    for (const part of [holdTables, purgeTables]) await runner.query(part);
    await runner.query(metadataPolicy("legal_holds"));
    for (const table of ["tombstones", "purged_files"]) await runner.query(cataloguePolicy(table));
    await runner.query("grant select, insert, update on legal_holds to ziggurat_app");
    await runner.query("grant select, insert on tombstones, purged_files to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What was purged cannot be brought back; restore a copy of the data directory instead.");
  }
}
