import pg from "pg";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { migrate } from "./migrate.js";
import { CreatePyramid1795000000000 } from "./migrations/1795000000000-create-pyramid.js";

let database: FreshDatabase;
let superuser: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
});
afterAll(async () => {
  await superuser?.end();
  await database?.drop();
});

const PLATFORM = `ins_${"0".repeat(32)}`;

/** A database as the release before wrote it. */
async function before(): Promise<void> {
  await superuser.query(
    "drop schema public cascade; create schema public authorization ziggurat_owner; grant usage on schema public to ziggurat_app",
  );
  const old = await new DataSource({ type: "postgres", url: database.ownerUrl, migrations: [CreatePyramid1795000000000] }).initialize();
  await old.runMigrations();
  await old.destroy();
  const version = (id: string, number: number, state: string, sealed: string, released: string, updated: string, place: string) =>
    `('${id}', '${PLATFORM}', 'mod_1', ${number}, 'finance', '${state}', 'full', 'aa', '{}', 'Li', ${sealed}, ${released}, ${updated}, ${place})`;
  await superuser.query(`
    set session_replication_role = replica;
    insert into models (id, institution_id, namespace, slug, tier, name, card, terms, created_by)
      values ('mod_1', '${PLATFORM}', 'finance', 'ledger', 'finance', 'Ledger', '{}', '{}', 'Li');
    insert into versions (id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, created_by,
      sealed_at, released_at, updated_at, line_id, line_seq) values
      ${version("ver_1", 1, "recalled", "'2026-01-01T10:00Z'", "'2026-01-02T10:00Z'", "'2026-01-05T10:00Z'", "1, 1")},
      ${version("ver_2", 2, "deprecated", "'2026-01-03T10:00Z'", "'2026-01-04T10:00Z'", "'2026-01-06T10:00Z'", "1, 2")},
      ${version("ver_3", 3, "draft", "null", "null", "'2026-01-06T10:00Z'", "null, null")};
    insert into lines (id, institution_id, tip_seq) overriding system value values (1, '${PLATFORM}', 2), (2, '${PLATFORM}', 3);
    insert into versions (id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, created_by, sealed_at, line_id, line_seq)
      values ('ver_4', '${PLATFORM}', 'mod_1', 4, 'finance', 'sealed', 'full', 'aa', '{}', 'Li', '2026-01-07T10:00Z', 2, 1);
    insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id) values
      (2, 1, 1, 1, '${PLATFORM}'), (2, 1, 1, 2, '${PLATFORM}'), (2, 1, 2, 3, '${PLATFORM}'), (2, 1, 1, 3, '${PLATFORM}');
    insert into audit_entries (id, institution_id, at, actor_id, actor_name, action, object, reason, digest) values
      ('aud_1', '${PLATFORM}', '2026-01-01T10:00:01Z', 'usr_1', 'Li', 'version.seal', 'finance/ledger@1', 'made', 'd'),
      ('aud_2', '${PLATFORM}', '2026-01-02T10:00Z', 'usr_2', 'Ortiz', 'version.release', 'finance/ledger@1', 'floors met', 'd'),
      ('aud_3', '${PLATFORM}', '2026-01-05T10:00Z', 'usr_2', 'Ortiz', 'version.recall', 'finance/ledger@1', 'leak', 'd');
    set session_replication_role = origin;`);
}

it("brings a database of the release before over: states from the audit log, else from the dates", async () => {
  await before();
  expect(await migrate(database.ownerUrl)).toContain("RememberStates1796300000000");
  const { rows } = await superuser.query(
    `select version_id || ' ' || state || ' ' || to_char(at at time zone 'utc', 'DD HH24:MI:SS') || ' ' || by || ' ' || reason as state
     from version_states order by version_id, at`,
  );
  expect(rows.map(({ state }) => state.trim())).toEqual([
    "ver_1 sealed 01 10:00:00 Li made",
    "ver_1 released 02 10:00:00 Ortiz floors met",
    "ver_1 recalled 05 10:00:00 Ortiz leak",
    "ver_2 sealed 03 10:00:00 Li",
    "ver_2 released 04 10:00:00 system",
    "ver_2 deprecated 06 10:00:00 system",
    "ver_4 sealed 07 10:00:00 Li",
  ]);
  const lines = await superuser.query("select id, model_id, tier from lines order by id");
  expect(lines.rows).toEqual([
    { id: "1", model_id: "mod_1", tier: "finance" },
    { id: "2", model_id: "mod_1", tier: "finance" },
  ]);
  const closure = await superuser.query("select anc_seq, min_seq from line_closure order by anc_seq");
  expect(closure.rows).toEqual([
    { anc_seq: 1, min_seq: 1 },
    { anc_seq: 2, min_seq: 3 },
  ]);
});
