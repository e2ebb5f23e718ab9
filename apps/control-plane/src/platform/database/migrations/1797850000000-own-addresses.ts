import type { MigrationInterface, QueryRunner } from "typeorm";

/** An address is taken within an institution only: that it is taken elsewhere would tell of somebody else's people. */
export class OwnAddresses1797850000000 implements MigrationInterface {
  name = "OwnAddresses1797850000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("drop index users_email");
    // A removed member's address may be used again; their row stays, because records name it.
    await runner.query("create unique index users_email on users (email, institution_id) where removed_at is null");
  }

  async down(): Promise<void> {
    throw new Error("Two institutions may have members of one address by now; there is nothing to go back to.");
  }
}
