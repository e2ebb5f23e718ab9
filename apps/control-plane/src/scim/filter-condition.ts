import type { AttrExp, Compare, Filter } from "scim2-parse-filter";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { instantOf } from "./instants.js";
import { unreadable } from "./parse-filter.js";

/** What a name in a filter is in SQL. Texts are compared in any case of letters, `exact` ones as they are. */
export type Column =
  | TextColumn
  | { readonly kind: "boolean" | "instant"; readonly sql: string }
  /** Several facts under one name: it is there or not, and compared by what is below it. */
  | { readonly kind: "parts"; readonly sql: string }
  /** Several values: rows of `from`, whose columns are `sub`; the filter may name the attribute alone, then `value` is meant. */
  | { readonly kind: "several"; readonly from: string; readonly first: string; readonly sub: Columns };
interface TextColumn {
  readonly kind: "text" | "exact";
  readonly sql: string;
}
export type Columns = Readonly<Record<string, Column>>;

/** Names that may stand in a filter. */
export interface Names {
  readonly columns: Columns;
  /** May stand before the name of an attribute. */
  readonly schema: string;
  /** Names of other kinds of resources, where all are searched: here nothing has such an attribute (RFC 7644, section 3.4.2.1). */
  readonly elsewhere?: Names;
}

/**
 * A filter as a condition. Every value travels as a parameter and every name is one of `names`, so nothing of the client's is ever part of
 * a statement.
 * @param parameters those of the statement so far; the values are added
 */
export function conditionOf(filter: Filter, names: Names, parameters: unknown[]): string {
  const within = (one: Filter) => conditionOf(one, names, parameters);
  switch (filter.op) {
    case "and":
    case "or":
      return `(${filter.filters.map(within).join(` ${filter.op} `)})`;
    case "not":
      return `(not ${within(filter.filter)})`;
    case "[]": {
      const found = resolved(names, filter.attrPath);
      if (found === null) return "false";
      const { column, rest } = found;
      if (column.kind !== "several" || rest !== undefined) throw unreadable(`${filter.attrPath} has one value.`);
      const condition = conditionOf(filter.valFilter, { columns: column.sub, schema: names.schema }, parameters);
      return `exists (select from ${column.from} where ${condition})`;
    }
    default:
      return comparison(filter, names, parameters);
  }
}

/** What a list may be sorted by: of several values the primary one, or else the first (RFC 7644, section 3.4.2.3). */
export function sortColumn(names: Names, name: string): string {
  const found = resolved(names, name);
  if (found === null) return "null::text";
  const { column, rest } = found;
  switch (column.kind) {
    case "several":
      return `(select ${sortColumn({ ...names, columns: column.sub }, rest ?? "value")} from ${column.from} order by ${column.first} limit 1)`;
    case "parts":
      throw new ScimRefusal("invalid", "invalidValue", `Nothing is sorted by ${name.slice(0, 100)}, but by what is below it.`);
    case "text":
      return `lower(${column.sql})`;
    default:
      return column.sql;
  }
}

function comparison(filter: AttrExp, names: Names, parameters: unknown[]): string {
  const found = resolved(names, filter.attrPath);
  if (found === null) return "false";
  const { column, rest } = found;
  if (column.kind === "several") {
    if (filter.op === "pr" && rest === undefined) return `exists (select from ${column.from})`;
    const inner = comparison({ ...filter, attrPath: rest ?? "value" }, { columns: column.sub, schema: names.schema }, parameters);
    return `exists (select from ${column.from} where ${inner})`;
  }
  if (filter.op === "pr") return present(column);
  if (column.kind === "parts") throw unreadable(`${filter.attrPath} is compared by what is below it.`);
  return `coalesce(${compared(column, filter, parameters)}, false)`;
}

/** An empty text is none. */
function present({ kind, sql }: Exclude<Column, { kind: "several" }>): string {
  return kind === "text" || kind === "exact" ? `nullif(${sql}, '') is not null` : `${sql} is not null`;
}

function compared(
  column: Exclude<Column, { kind: "several" | "parts" }>,
  { op, compValue, attrPath }: Compare,
  parameters: unknown[],
): string {
  if (compValue === null) {
    if (op === "eq") return `${column.sql} is null`;
    if (op === "ne") return `${column.sql} is not null`;
    throw unreadable(`${attrPath} is compared with null by eq and ne alone.`);
  }
  switch (column.kind) {
    case "boolean":
      return truth(column.sql, op, compValue, attrPath);
    case "instant":
      return instant(column.sql, op, compValue, attrPath, parameters);
    case "text":
    case "exact":
      return text(column, op, compValue, attrPath, parameters);
  }
}

function truth(sql: string, op: string, value: unknown, name: string): string {
  const wanted = String(value).toLowerCase();
  if ((op !== "eq" && op !== "ne") || (wanted !== "true" && wanted !== "false")) throw unreadable(`${name} is true or false.`);
  return (wanted === "true") === (op === "eq") ? sql : `not ${sql}`;
}

function instant(sql: string, op: string, value: unknown, name: string, parameters: unknown[]): string {
  const sign = SIGNS[op];
  const at = instantOf(value);
  if (sign === undefined || at === null) throw unreadable(`${name} is compared with an instant, such as 2026-01-31T12:00:00Z.`);
  parameters.push(at);
  // As it is answered, so that what was read is found by what was read.
  return `date_trunc('milliseconds', ${sql}) ${sign} $${parameters.length}::timestamptz`;
}

function text(column: TextColumn, op: string, value: string | number | boolean, name: string, parameters: unknown[]): string {
  if (typeof value !== "string" || value.includes("\0") || /\p{Surrogate}/u.test(value))
    throw unreadable(`${name} is compared with a text.`);
  parameters.push(value);
  const given = column.kind === "text" ? `lower($${parameters.length}::text)` : `$${parameters.length}::text`;
  const sql = column.kind === "text" ? `lower(${column.sql})` : column.sql;
  switch (op) {
    case "co":
      return `strpos(${sql}, ${given}) > 0`;
    case "sw":
      return `starts_with(${sql}, ${given})`;
    case "ew":
      return `right(${sql}, length(${given})) = ${given}`;
    case "ne":
      return `${sql} is distinct from ${given}`;
    default:
      return `${sql} collate "C" ${SIGNS[op]} ${given}`;
  }
}

const SIGNS: Readonly<Record<string, string>> = { eq: "=", ne: "<>", gt: ">", ge: ">=", lt: "<", le: "<=" };

/** @returns `rest`: the name below an attribute of several values; null for a name of another kind of resource */
function resolved(names: Names, path: string): { readonly column: Column; readonly rest?: string } | null {
  const found = columnOf(names, path);
  if (found !== null) return found;
  if (names.elsewhere !== undefined && columnOf(names.elsewhere, path) !== null) return null;
  throw unreadable(`Nothing is filtered or sorted by ${path.slice(0, 100)} here.`);
}

function columnOf({ columns, schema }: Names, path: string): { readonly column: Column; readonly rest?: string } | null {
  const isFull = path.toLowerCase().startsWith(`${schema.toLowerCase()}:`);
  const name = (isFull ? path.slice(schema.length + 1) : path).toLowerCase();
  const find = (wanted: string) => Object.entries(columns).find(([key]) => key.toLowerCase() === wanted)?.[1];
  const whole = find(name);
  if (whole !== undefined) return { column: whole };
  const [head = "", ...rest] = name.split(".");
  const several = find(head);
  return several?.kind === "several" && rest.length > 0 ? { column: several, rest: rest.join(".") } : null;
}
