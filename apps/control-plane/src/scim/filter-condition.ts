import type { AttrExp, Compare, Filter } from "scim2-parse-filter";
import { unreadable } from "./parse-filter.js";

/** What a name in a filter is in SQL. Texts are compared in any case of letters, `exact` ones as they are. */
export type Column =
  | TextColumn
  | { readonly kind: "boolean"; readonly sql: string }
  | { readonly kind: "instant"; readonly sql: string }
  /** Several values: rows of `from`, whose columns are `sub`; the filter may name the attribute alone, then `value` is meant. */
  | { readonly kind: "several"; readonly from: string; readonly sub: Columns };
interface TextColumn {
  readonly kind: "text" | "exact";
  readonly sql: string;
}
export type Columns = Readonly<Record<string, Column>>;

/**
 * A filter as a condition. Every value travels as a parameter and every name is one of `columns`, so nothing of the client's is ever
 * part of a statement.
 * @param parameters those of the statement so far; the values are added
 * @param schema its name may stand before that of an attribute
 */
export function conditionOf(filter: Filter, columns: Columns, parameters: unknown[], schema: string): string {
  const within = (one: Filter) => conditionOf(one, columns, parameters, schema);
  switch (filter.op) {
    case "and":
    case "or":
      return `(${filter.filters.map(within).join(` ${filter.op} `)})`;
    case "not":
      return `(not ${within(filter.filter)})`;
    case "[]": {
      const { column } = resolved(columns, filter.attrPath, schema);
      if (column.kind !== "several") throw unreadable(`${filter.attrPath} has one value.`);
      return `exists (select from ${column.from} where ${conditionOf(filter.valFilter, column.sub, parameters, schema)})`;
    }
    default:
      return comparison(filter, columns, parameters, schema);
  }
}

/** What a list may be sorted by. */
export function sortColumn(columns: Columns, name: string, schema: string): string {
  const { column } = resolved(columns, name, schema);
  if (column.kind === "several") throw unreadable(`${name} has several values, so nothing is sorted by it.`);
  return column.kind === "text" ? `lower(${column.sql})` : column.sql;
}

function comparison(filter: AttrExp, columns: Columns, parameters: unknown[], schema: string): string {
  const { column, rest } = resolved(columns, filter.attrPath, schema);
  if (column.kind === "several") {
    const inner = conditionOf({ ...filter, attrPath: rest ?? "value" }, column.sub, parameters, schema);
    return `exists (select from ${column.from} where ${inner})`;
  }
  const told = filter.op === "pr" ? `${column.sql} is not null` : compared(column, filter, parameters);
  return `coalesce(${told}, false)`;
}

function compared(column: Exclude<Column, { kind: "several" }>, { op, compValue, attrPath }: Compare, parameters: unknown[]): string {
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
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (sign === undefined || Number.isNaN(at) || Math.abs(at) > LATEST) throw unreadable(`${name} is compared with an instant.`);
  parameters.push(new Date(at).toISOString());
  return `${sql} ${sign} $${parameters.length}::timestamptz`;
}

/** The end of the year 9999, milliseconds. */
const LATEST = 253_402_300_799_999;

function text(column: TextColumn, op: string, value: string | number | boolean, name: string, parameters: unknown[]): string {
  if (typeof value !== "string" || value.includes("\0")) throw unreadable(`${name} is compared with a text.`);
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

/** @returns `rest`: the name below an attribute of several values */
function resolved(columns: Columns, path: string, schema: string): { readonly column: Column; readonly rest?: string } {
  const isFull = path.toLowerCase().startsWith(`${schema.toLowerCase()}:`);
  const name = (isFull ? path.slice(schema.length + 1) : path).toLowerCase();
  const find = (wanted: string) => Object.entries(columns).find(([key]) => key.toLowerCase() === wanted)?.[1];
  const whole = find(name);
  if (whole !== undefined) return { column: whole };
  const [head = "", ...rest] = name.split(".");
  const several = find(head);
  if (several?.kind === "several") return { column: several, rest: rest.join(".") };
  throw unreadable(`Nothing is filtered or sorted by ${path.slice(0, 100)} here.`);
}
