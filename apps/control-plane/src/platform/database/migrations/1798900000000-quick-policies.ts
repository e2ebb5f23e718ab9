import type { MigrationInterface, QueryRunner } from "typeorm";

const PLATFORM = "'ins_00000000000000000000000000000000'";
const metadata = "(select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())";
const catalogue = `${metadata} or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM})`;

/**
 * The same policies as before, with who asks worked out once per statement instead of once per row: an institution's models and people are
 * counted wherever it is shown, lists of models and datasets pass over those of others, and the settings were read anew for each of them.
 */
export class QuickPolicies1798900000000 implements MigrationInterface {
  name = "QuickPolicies1798900000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ["models", "datasets"]) await runner.query(`alter policy ${table}_tenant on ${table} using (${catalogue})`);
    await runner.query(`alter policy users_tenant on users using (${metadata})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const own = "app_reach() in ('platform', 'system') or institution_id = app_institution()";
    await runner.query(`alter policy users_tenant on users using (${own})`);
    const shared = `${own} or (app_reach() = 'tenant' and institution_id = ${PLATFORM})`;
    for (const table of ["models", "datasets"]) await runner.query(`alter policy ${table}_tenant on ${table} using (${shared})`);
  }
}
