import type { MigrationInterface, QueryRunner } from "typeorm";

const PLATFORM = "'ins_00000000000000000000000000000000'";
const metadata = "(select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())";
const catalogue = `${metadata} or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM})`;

/**
 * The same policies as before, with who asks worked out once per statement instead of once per row: an institution's models and people are
 * counted wherever it is shown, and the settings were read anew for each of them.
 */
export class QuickPolicies1798900000000 implements MigrationInterface {
  name = "QuickPolicies1798900000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter policy models_tenant on models using (${catalogue})`);
    await runner.query(`alter policy users_tenant on users using (${metadata})`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const own = "app_reach() in ('platform', 'system') or institution_id = app_institution()";
    await runner.query(`alter policy users_tenant on users using (${own})`);
    await runner.query(
      `alter policy models_tenant on models using (${own} or (app_reach() = 'tenant' and institution_id = ${PLATFORM}))`,
    );
  }
}
