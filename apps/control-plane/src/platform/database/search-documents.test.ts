import pg from "pg";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { migrate } from "./migrate.js";
import { migrations } from "./migrations/index.js";

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

const one = async (expression: string, value: string): Promise<string> =>
  (await superuser.query<{ answer: string }>(`select ${expression} as answer`, [value])).rows[0]?.answer ?? "";

it.each([
  ["Foundation/Atlas@3", " foundation atlas 3 "],
  ["ＡＭＬ　Ⅳ－x", " aml iv x "],
  ["智能客服，贷款（二）。", " 智能客服 贷款 二 "],
  ["ÉCOLE Жизнь", " école жизнь "],
  ["…", "  "],
])("folds %j", async (given, folded) => {
  expect(await one("search_fold($1)", given)).toBe(folded);
});

it("spells every letter beyond ASCII as three, so that trigrams hold ideographs", async () => {
  expect(await one("search_grams($1)", " ab客服 ")).toMatch(/^ ab[0-9a-z]{6} $/);
});

it("brings what a database of the release before holds over, and gives its models no tags", async () => {
  await superuser.query(
    "drop schema public cascade; create schema public authorization ziggurat_owner; grant usage on schema public to ziggurat_app",
  );
  const older = migrations.slice(
    0,
    migrations.findIndex(({ name }) => name.startsWith("Search")),
  );
  const old = await new DataSource({ type: "postgres", url: database.ownerUrl, migrations: older }).initialize();
  await old.runMigrations();
  await old.destroy();
  await superuser.query(`
    insert into institutions (id, slug, name, region) values ('ins_1', 'northbank', '北方银行', 'cn-north');
    insert into users (id, institution_id, email, name, password_hash, roles, removed_at) values
      ('usr_1', 'ins_1', 'wei@north.example', '周伟', '', '{}', null), ('usr_2', 'ins_1', 'gone@north.example', 'Gone', '', '{}', now());
    insert into models (id, institution_id, namespace, slug, tier, name, card, licence, terms, created_by)
      values ('mod_1', 'ins_1', 'northbank', 'cards', 'institution', '信用卡客服', '{"purpose": "answers", "languages": ["zh"]}', 'MIT', '{}', 'Li');
    insert into versions (id, institution_id, model_id, number, tier, artifact_kind, effective_terms, created_by, notes) values
      ('ver_1', 'ins_1', 'mod_1', 1, 'institution', 'adapter', '{}', 'Li', '首个版本'), ('ver_2', 'ins_1', 'mod_1', 2, 'institution', 'adapter', '{}', 'Li', '');
    insert into datasets (id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description, created_by)
      values ('dst_1', 'ins_1', 'northbank', 'chats', 'Chats', 'chat', 'own', 'contract', 'internal', '{en}', 'talk', 'Li')`);
  await migrate(database.ownerUrl);
  const { rows } = await superuser.query("select id, said from search_documents where institution_id = 'ins_1' order by id");
  expect(rows).toEqual([
    { id: "dst_1", said: " northbank chats chats own en talk " },
    { id: "ins_1", said: " northbank 北方银行 cn north " },
    { id: "mod_1", said: " northbank cards 信用卡客服 mit answers zh " },
    { id: "usr_1", said: " wei north example 周伟 " },
    { id: "ver_1", said: " 首个版本 " },
  ]);
  expect((await superuser.query("select tags from models")).rows).toEqual([{ tags: [] }]);
});
