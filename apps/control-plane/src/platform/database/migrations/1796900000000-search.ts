import type { MigrationInterface, QueryRunner } from "typeorm";
import { searchDocuments } from "./search/documents.js";
import { searchFinder } from "./search/finder.js";
import { searchSources } from "./search/sources.js";
import { searchText } from "./search/text.js";

/** Tags of models, and one place in which names, cards, tags, licences, notes and people are looked up, in any script. */
export class Search1796900000000 implements MigrationInterface {
  name = "Search1796900000000";

  async up(runner: QueryRunner): Promise<void> {
    // An owner who is no superuser is held to the policies too, and must see every row to bring it over.
    await runner.query("select set_config('app.reach', 'system', true)");
    await runner.query("alter table models add column tags text[] not null default '{}'");
    for (const part of [searchText(await lowerCase(runner)), searchDocuments, searchSources, searchFinder]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Tags are not thrown away; restore a copy of the data directory instead.");
  }
}

/** The collation whose rules make small letters of any script: built in from PostgreSQL 17 on, before that ICU's where it is there. */
async function lowerCase(runner: QueryRunner): Promise<string> {
  const rows: { name: string }[] = await runner.query(
    `select collname as name from pg_collation where collnamespace = 'pg_catalog'::regnamespace and collname in ('pg_c_utf8', 'und-x-icu')
     order by collname limit 1`,
  );
  return rows[0]?.name ?? "default";
}
