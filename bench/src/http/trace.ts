import { randomUUID } from "node:crypto";

export interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

const ID = /[a-z]{3}_[0-9a-f]{32}/g;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BOUNDARY = /^\s*(?:begin|commit|rollback)\b[^;]*$/i;
/** What the platform sends ahead of a transaction's first statement, in one go with it. */
const OPENING = /^begin[^;]*;(?: set local [^;]*;)? /i;

/** The statements of one request, made ready to be done again. */
export interface Trace {
  readonly statements: readonly Statement[];
  /** Ids that this request made: each repetition needs fresh ones. */
  readonly made: readonly string[];
}

/** Compares the same request recorded twice: ids that only one of them names were made by it. Transaction boundaries are left out. */
export function traceOf(once: readonly Statement[], again: readonly Statement[]): Trace {
  const known = new Set(again.flatMap(idsOf));
  const statements = once.filter(({ sql }) => !BOUNDARY.test(sql)).map((one) => ({ ...one, sql: one.sql.replace(OPENING, "") }));
  return { statements, made: [...new Set(statements.flatMap(idsOf))].filter((id) => !known.has(id)) };
}

const idsOf = ({ values }: Statement): string[] => JSON.stringify(values).match(ID) ?? [];

/** One repetition: fresh ids, fresh idempotency keys, and the number that an earlier statement handed out where one was used. */
export function freshValues(
  trace: Trace,
  newId: (prefix: string) => string,
): (statement: Statement, handedOut: number | null) => unknown[] {
  const renamed = new Map(trace.made.map((id) => [id, newId(id.slice(0, 3))]));
  const key = randomUUID();
  const rename = (text: string) => text.replace(ID, (id) => renamed.get(id) ?? id);
  return ({ sql, values }, handedOut) =>
    values.map((value) => {
      if (typeof value === "string") return UUID.test(value) ? key : rename(value);
      if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? rename(item) : item));
      if (typeof value === "number" && handedOut !== null && sql.includes("insert into versions")) return handedOut;
      return value;
    });
}
