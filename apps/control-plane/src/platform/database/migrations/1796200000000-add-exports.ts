import type { MigrationInterface, QueryRunner } from "typeorm";
import { externalEventTables } from "./add-exports/external-event-tables.js";
import { signatureTables } from "./add-exports/signature-tables.js";
import { catalogueRule, ownRule, policy } from "./create-pyramid/row-security.js";

/** Signatures of releases, and what programs outside say about lineage. */
export class AddExports1796200000000 implements MigrationInterface {
  name = "AddExports1796200000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(signatureTables);
    await runner.query(externalEventTables);
    // A signature is seen by whoever sees the version's files; what an institution declares is its own business.
    await runner.query(policy("version_signatures", catalogueRule));
    for (const table of ["external_events", "external_event_names"]) await runner.query(policy(table, ownRule));
    await runner.query("grant select, insert, update, delete on version_signatures, external_events, external_event_names to ziggurat_app");
    await runner.query("grant select, insert on signing_keys to ziggurat_app");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table external_event_names, external_events, version_signatures, signing_keys");
  }
}
