import { afterAll, beforeAll, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, sealed } from "../../test/registry-fixtures.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await sealed(people.admin, "northbank/cards", {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
});
afterAll(() => platform.close());

const asSouthbank = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => platform.app.get(UnitOfWork).run(people.stranger.viewer, work);
const attempt = (sql: string) =>
  asSouthbank((tx) => tx.query(sql)).then(
    (rows) => rows.length,
    (error: unknown) => String(error),
  );

const OWNED = ["models", "versions", "version_files", "edges", "lines", "line_closure", "blob_grants", "audit_entries", "search_documents"];

it.each(OWNED)("the database shows an institution no row of another in %s, even where code forgets to ask", async (table) => {
  const rows = await asSouthbank((tx) => tx.query<{ institution_id: string }>(`select institution_id from ${table}`));
  expect(rows.filter(({ institution_id }) => institution_id === people.admin.viewer.institutionId)).toEqual([]);
});

it("the catalogue can be read by everyone and taken by no one", async () => {
  expect(await attempt("select id from models where tier = 'finance'")).toBe(1);
  expect(await attempt("delete from models where tier = 'finance' returning id")).toBe(0);
  expect(await attempt("delete from aliases returning name")).toBe(0);
  expect(await attempt("update models set name = 'mine' where tier = 'finance'")).toContain("row-level security");
  expect(await attempt("update models set institution_id = app_institution() where tier = 'finance'")).toContain("keeps its owner");
  expect(await attempt("update models set name = 'mine' where namespace = 'northbank' returning id")).toBe(0);
});

it("an institution writes nothing in another's name", async () => {
  const owner = people.admin.viewer.institutionId;
  expect(await attempt(`insert into lines (institution_id, tip_seq) values ('${owner}', 1)`)).toContain("row-level security");
  expect(await attempt(`insert into blob_grants (institution_id, sha256) select '${owner}', sha256 from blobs limit 1`)).toContain(
    "row-level security",
  );
});
