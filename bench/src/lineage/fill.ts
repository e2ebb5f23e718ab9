import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { type MadeVersion, makePyramid, type Size } from "./pyramid.js";

const PLATFORM = `ins_${"0".repeat(32)}`;
/** Rows of one COPY. */
const CHUNK = 200_000;
const START = Date.parse("2026-01-01T00:00:00Z");

const hex = (n: number): string => n.toString(16).padStart(32, "0");
export const versionIdOf = (n: number): string => `ver_${hex(n + 1)}`;
const modelIdOf = (n: number): string => `mod_${hex(n + 1)}`;
const institutionIdOf = (n: number): string => (n < 0 ? PLATFORM : `ins_${hex(n + 1)}`);
const digestOf = (n: number): string => n.toString(16).padStart(64, "0");
/** One version every ten seconds. */
const instantOf = (n: number): string => new Date(START + n * 10_000).toISOString();
const TERMS = JSON.stringify({ commercialUse: true, redistribution: true, regions: [] });
const STATES = ["released", "released", "released", "released", "released", "released", "released", "sealed", "deprecated", "retired"];
const stateOf = ({ tier, at }: MadeVersion): string => (tier === "institution" ? (STATES[at % STATES.length] ?? "sealed") : "released");

export interface Filled {
  readonly seconds: number;
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Writes a whole pyramid with COPY. Triggers and foreign keys rest meanwhile and secondary indexes are built afterwards, as one
 * restores a copy; what the triggers would have written (states, digests) is written here.
 * @param admin a superuser on the platform's own, migrated database
 * @param folder where the database's OS user may read
 */
export async function fill(admin: pg.Client, folder: string, size: Size, seed: number): Promise<Filled> {
  const began = Date.now();
  await admin.query("set session_replication_role = replica; set maintenance_work_mem = '256MB'; set synchronous_commit = off");
  const rebuild = await dropIndexes(admin);
  const tables = openTables(admin, folder);
  const { lines, closure, models } = await made(size, seed, tables);

  await tables.models.all(
    models.map(({ tier, institution, next }, n) => {
      const slug = `m${n}`;
      const namespace = tier === "institution" ? `bank-${institution}` : tier;
      return [modelIdOf(n), institutionIdOf(institution), namespace, slug, tier, slug, "{}", "Apache-2.0", TERMS, next, "bench"];
    }),
  );
  await tables.lines.all(
    lines.map(({ institution, model, tier, tip }, n) => [n + 1, institutionIdOf(institution), modelIdOf(model), tier, tip]),
  );
  await tables.line_closure.all(
    closure.map(({ line, ancestor, ancestorSeq, minSeq }) => [
      line + 1,
      ancestor + 1,
      ancestorSeq,
      minSeq,
      institutionIdOf(lines[line]?.institution ?? -1),
    ]),
  );
  const owners = Array.from({ length: size.institutions }, (_, n) => n);
  await tables.institutions.all(owners.map((n) => [institutionIdOf(n), `bank-${n}`, `Bank ${n}`]));
  const datasets = Array.from({ length: size.datasets }, (_, n) => n);
  const ownerOf = (dataset: number): number => Math.floor(dataset / 2) % size.institutions;
  await tables.blobs.all(datasets.map((n) => [digestOf(n), 1]));
  await tables.datasets.all(
    datasets.map((n) => [
      `dst_${hex(n + 1)}`,
      institutionIdOf(ownerOf(n)),
      `bank-${ownerOf(n)}`,
      `d${n}`,
      `d${n}`,
      "chat",
      "CC0-1.0",
      "own_generation",
      "internal",
      "{}",
      "",
      2,
      "bench",
    ]),
  );
  await tables.dataset_versions.all(
    datasets.map((n) => [`dsv_${hex(n + 1)}`, institutionIdOf(ownerOf(n)), `dst_${hex(n + 1)}`, 1, digestOf(n), 1, 1, 1, "bench"]),
  );
  await admin.query("select setval(pg_get_serial_sequence('lines', 'id'), (select max(id) from lines))");
  for (const statement of rebuild) await admin.query(statement);
  await admin.query("set session_replication_role = origin");
  await admin.query("vacuum (analyze)");
  return {
    seconds: (Date.now() - began) / 1000,
    rows: Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows()])),
  };
}

/** Versions one by one; files of rows go to the database whenever they are full. */
async function made(size: Size, seed: number, tables: Tables) {
  const result = makePyramid(size, seed, (version) => {
    const { at, tier, number, parents } = version;
    const [id, institution, instant, state] = [versionIdOf(at), institutionIdOf(version.institution), instantOf(at), stateOf(version)];
    const released = state === "sealed" ? null : instantOf(at + 0.5);
    const kind = tier === "institution" ? "adapter" : "full";
    const digest = digestOf(at);
    tables.versions.add([
      ...[id, institution, modelIdOf(version.model), number, tier, state, kind, digest, TERMS, version.line + 1, version.seq],
      ...["bench", instant, instant, instant, released],
    ]);
    tables.version_states.add([id, institution, "sealed", instant, "bench"]);
    if (released !== null) tables.version_states.add([id, institution, "released", released, "bench"]);
    if (state === "deprecated" || state === "retired") tables.version_states.add([id, institution, state, instantOf(at + 0.75), "bench"]);
    for (const { version: parent, relation } of parents) {
      tables.edges.add([id, versionIdOf(parent), relation, institution, "sealed", digestOf(parent), instant]);
    }
    for (const dataset of version.datasets) tables.dataset_uses.add([id, `dsv_${hex(dataset + 1)}`, institution, instant]);
  });
  for (const table of Object.values(tables)) await table.flush();
  return result;
}

const COLUMNS = {
  institutions: "id, slug, name",
  models: "id, institution_id, namespace, slug, tier, name, card, licence, terms, next_version, created_by",
  versions: `id, institution_id, model_id, number, tier, state, artifact_kind, root_digest, effective_terms, line_id, line_seq,
    created_by, created_at, updated_at, sealed_at, released_at`,
  version_states: "version_id, institution_id, state, at, by",
  edges: "child_id, parent_id, relation, institution_id, seal, parent_digest, created_at",
  dataset_uses: "version_id, dataset_version_id, institution_id, created_at",
  lines: "id, institution_id, model_id, tier, tip_seq",
  line_closure: "line_id, anc_line, anc_seq, min_seq, institution_id",
  blobs: "sha256, size_bytes",
  datasets: `id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description,
    next_version, created_by`,
  dataset_versions: "id, institution_id, dataset_id, number, sha256, size_bytes, rows, characters, created_by",
} as const;
type Value = string | number | null;
interface Table {
  add(row: readonly Value[]): void;
  all(rows: readonly (readonly Value[])[]): Promise<void>;
  flush(): Promise<void>;
  rows(): number;
}
type Tables = Readonly<Record<keyof typeof COLUMNS, Table>>;

/** Rows wait in files of one chunk each, which the server reads by itself with COPY. */
function openTables(admin: pg.Client, folder: string): Tables {
  const table = (name: string, columns: string): Table => {
    const waiting: string[] = [];
    let lines: string[] = [];
    let rows = 0;
    const write = (): void => {
      if (lines.length === 0) return;
      const file = join(folder, `${name}-${rows}.tsv`);
      const handle = openSync(file, "w", 0o644);
      writeSync(handle, `${lines.join("\n")}\n`);
      closeSync(handle);
      waiting.push(file);
      lines = [];
    };
    const add = (row: readonly Value[]): void => {
      lines.push(row.map((value) => value ?? "\\N").join("\t"));
      rows += 1;
      if (lines.length === CHUNK) write();
    };
    const flush = async (): Promise<void> => {
      write();
      for (const file of waiting.splice(0)) {
        await admin.query(`copy ${name} (${columns}) from '${file}'`);
        unlinkSync(file);
      }
    };
    return {
      add,
      flush,
      rows: () => rows,
      all: async (many) => {
        for (const row of many) add(row);
        await flush();
      },
    };
  };
  const of = (name: keyof typeof COLUMNS): Table => table(name, COLUMNS[name]);
  return {
    institutions: of("institutions"),
    models: of("models"),
    versions: of("versions"),
    version_states: of("version_states"),
    edges: of("edges"),
    dataset_uses: of("dataset_uses"),
    lines: of("lines"),
    line_closure: of("line_closure"),
    blobs: of("blobs"),
    datasets: of("datasets"),
    dataset_versions: of("dataset_versions"),
  };
}

/** Drops the secondary indexes of the large tables and answers the statements that make them again. */
async function dropIndexes(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ readonly name: string; readonly made: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i
     where i.indrelid = any (array['versions','edges','dataset_uses','line_closure','version_states','models']::regclass[])
       and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await admin.query(`drop index ${name}`);
  return rows.map(({ made }) => made);
}
