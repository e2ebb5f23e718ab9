import type { MigrationInterface, QueryRunner } from "typeorm";
import { accountTables } from "./rights/account-tables.js";
import { contributionTables } from "./rights/contribution-tables.js";
import { sessionTables } from "./rights/session-tables.js";

/** Who had a hand in what, so that nobody approves their own; service accounts, roles of an institution's own, engineers by tier. */
export class Rights1798300000000 implements MigrationInterface {
  name = "Rights1798300000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("select set_config('app.reach', 'system', true)");
    for (const part of [...contributionTables, ...accountTables, ...sessionTables]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("What people contributed keeps them from approving it; restore a copy of the data directory instead.");
  }
}
