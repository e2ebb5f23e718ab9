import { CARD_FIELDS, type Me, MOST_ROWS, TIERS } from "@ziggurat/contracts";
import Papa from "papaparse";
import { listOf } from "./card-fields.js";
import { tagsOf } from "./model-form.js";

/** Columns of a sheet of models, as its first line names them. */
export const SHEET_COLUMNS = [
  "tier",
  "namespace",
  "slug",
  "name",
  "scenario",
  "licence",
  "tags",
  ...CARD_FIELDS,
  "commercialUse",
  "redistribution",
] as const;
export type SheetColumn = (typeof SHEET_COLUMNS)[number];
const NEEDED: readonly SheetColumn[] = ["tier", "slug", "name"];
const NO = ["no", "false", "0", "n", "\u5426"];

export type Row = Record<string, unknown>;
/** What is wrong with a sheet as a whole; single rows are judged by the platform. */
export type SheetProblem =
  | { readonly kind: "unreadable"; readonly row: number | null; readonly detail: string }
  | { readonly kind: "unknown_columns" | "missing_columns"; readonly columns: readonly string[] }
  | { readonly kind: "empty" }
  | { readonly kind: "too_many"; readonly rows: number; readonly most: number };
export type Sheet = { readonly rows: readonly Row[] } | { readonly problem: SheetProblem };

/** The text of a file: UTF-8, or what spreadsheet programs in China write where they are not told otherwise. */
export function decodeSheet(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

/** Reads a file of rows: JSON (a list of rows, or what the API takes) where it begins like JSON, else a sheet of comma-separated values. */
export function readSheet(text: string, institution: Me["institution"]["slug"]): Sheet {
  const read = /^\s*[[{]/.test(text) ? readJson(text) : readCsv(text, institution);
  if ("problem" in read) return read;
  if (read.rows.length === 0) return { problem: { kind: "empty" } };
  if (read.rows.length > MOST_ROWS) return { problem: { kind: "too_many", rows: read.rows.length, most: MOST_ROWS } };
  return read;
}

/** An example to start from: the columns, and one row per tier. */
export function sheetTemplate(institution: string): string {
  return Papa.unparse({
    fields: [...SHEET_COLUMNS],
    data: TIERS.map((tier) => SHEET_COLUMNS.map((column) => exampleOf(column, tier, institution))),
  });
}

function exampleOf(column: SheetColumn, tier: (typeof TIERS)[number], institution: string): string {
  const example: Partial<Record<SheetColumn, string>> = {
    tier,
    namespace: tier === "institution" ? institution : tier,
    slug: `${tier}-example`,
    name: `Example of tier ${tier}`,
    scenario: tier === "institution" ? "customer_service" : "",
    licence: tier === "institution" ? "" : "Apache-2.0",
    tags: "retail, example",
    languages: "en, zh",
    commercialUse: "yes",
    redistribution: tier === "institution" ? "no" : "yes",
  };
  return example[column] ?? "";
}

function readJson(text: string): Sheet {
  try {
    const value: unknown = JSON.parse(text);
    const rows = Array.isArray(value) ? value : Reflect.get(Object(value), "rows");
    if (!Array.isArray(rows) || !rows.every(isRow)) return unreadable(null, "[{…}, {…}]");
    return { rows };
  } catch (error) {
    return unreadable(null, error instanceof Error ? error.message : String(error));
  }
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

function readCsv(text: string, institution: string): Sheet {
  const { data, errors, meta } = Papa.parse<Record<string, string>>(text, {
    header: true,
    skipEmptyLines: "greedy",
    transformHeader: (name) => name.trim(),
    transform: (value) => value.trim(),
  });
  const columns = meta.fields ?? [];
  const unknown = columns.filter((name) => !SHEET_COLUMNS.some((column) => column === name));
  if (unknown.length > 0) return { problem: { kind: "unknown_columns", columns: unknown } };
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length > 0) return { problem: { kind: "missing_columns", columns: missing } };
  // A file of one column has no separator to find, which is no fault of its rows.
  const [error] = errors.filter(({ type }) => type !== "Delimiter");
  // Counted from the first row of data; of quotation marks the library tells the line, which counts the first one too.
  if (error !== undefined) return unreadable((error.row ?? 0) + (error.type === "Quotes" ? 0 : 1), error.message);
  return { rows: data.map((cells) => rowOf(cells, institution)) };
}

const unreadable = (row: number | null, detail: string): Sheet => ({ problem: { kind: "unreadable", row, detail } });

/** The row that a line of the sheet stands for. An empty cell says nothing; a namespace left out is the tier's own. */
function rowOf(cells: Readonly<Record<string, string>>, institution: string): Row {
  const cell = (column: SheetColumn): string => cells[column] ?? "";
  const given = (column: SheetColumn) => (cell(column) === "" ? {} : { [column]: cell(column) });
  const card = CARD_FIELDS.flatMap((field) =>
    cell(field) === "" ? [] : [[field, field === "languages" ? listOf(cell(field)) : cell(field)] as const],
  );
  const tier = cell("tier").toLowerCase();
  return {
    tier,
    namespace: cell("namespace") || (tier === "institution" ? institution : tier),
    slug: cell("slug"),
    name: cell("name"),
    ...given("scenario"),
    ...given("licence"),
    tags: [...new Set(tagsOf(cell("tags")))],
    card: Object.fromEntries(card),
    terms: { commercialUse: isYes(cell("commercialUse")), redistribution: isYes(cell("redistribution")) },
  };
}

/** Leaving a limit of use out is no limit. */
const isYes = (value: string): boolean => !NO.includes(value.toLowerCase());
