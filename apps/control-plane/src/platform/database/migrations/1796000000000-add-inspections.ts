import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What a look at a version's files found when it was sealed. `refuse_sealed_change` compares whole rows, so it guards this column as it
 * guards the root digest: it is written with the seal or never. Versions sealed before have none.
 */
export class AddInspections1796000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("alter table versions add column inspection jsonb");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table versions drop column inspection");
  }
}
