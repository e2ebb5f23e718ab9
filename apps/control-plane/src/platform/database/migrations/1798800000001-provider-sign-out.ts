import type { MigrationInterface, QueryRunner } from "typeorm";

/** Signing out here may go on at the provider that somebody came through. */
export class ProviderSignOut1798800000001 implements MigrationInterface {
  name = "ProviderSignOut1798800000001";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- What the provider said when it opened the session, closed by the vault: shown to it again where the person signs out there as well. Null
-- for a session that no provider opened, or one that offers nothing of the kind.
alter table sessions add column id_token text;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table sessions drop column id_token");
  }
}
