import type { MigrationInterface, QueryRunner } from "typeorm";
import { auditTables } from "./create-pyramid/audit-tables.js";
import { jobTables } from "./create-pyramid/job-tables.js";
import { lineageTables } from "./create-pyramid/lineage-tables.js";
import { registryTables } from "./create-pyramid/registry-tables.js";
import { rowSecurity } from "./create-pyramid/row-security.js";
import { tenancyTables } from "./create-pyramid/tenancy-tables.js";

export class CreatePyramid1795000000000 implements MigrationInterface {
  name = "CreatePyramid1795000000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [tenancyTables, registryTables, lineageTables, jobTables, auditTables, rowSecurity]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("The first migration has nothing to go back to; restore a copy of the data directory instead.");
  }
}
