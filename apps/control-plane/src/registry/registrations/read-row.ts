import { ModelRef, NewModelRow, NewVersionRow, type Violation } from "@ziggurat/contracts";
import { checkPaths } from "@ziggurat/pyramid";
import { violationsOf } from "../../platform/errors/violations-of.js";

/** A row of the right shape: what it registers, and the draft it asks for. Pointers lead into the row. */
export interface ReadRow {
  readonly ref: string | null;
  readonly asked: Asked | null;
  readonly violations: readonly Violation[];
}
export type Asked = { readonly kind: "model"; readonly row: NewModelRow } | { readonly kind: "version"; readonly row: NewVersionRow };

/** Reads one row by its contract, and by what files of a version may be called. */
export function readRow(row: Readonly<Record<string, unknown>>): ReadRow {
  return "model" in row ? readVersionRow(row) : readModelRow(row);
}

function readModelRow(row: Readonly<Record<string, unknown>>): ReadRow {
  const read = NewModelRow.safeParse(row);
  const ref = refOf(`${row.namespace}/${row.slug}`);
  if (!read.success) return { ref, asked: null, violations: violationsOf(read.error.issues, "body") };
  return { ref, asked: { kind: "model", row: read.data }, violations: paths(read.data.version?.files ?? []) };
}

function readVersionRow(row: Readonly<Record<string, unknown>>): ReadRow {
  const read = NewVersionRow.safeParse(row);
  const ref = refOf(row.model);
  if (!read.success) return { ref, asked: null, violations: violationsOf(read.error.issues, "body") };
  return { ref, asked: { kind: "version", row: read.data }, violations: paths(read.data.version.files) };
}

const paths = (files: NewVersionRow["version"]["files"]): Violation[] => below("/version", checkPaths(files));

/** Violations of a part, pointing from the whole. */
export function below(part: string, violations: readonly Violation[]): Violation[] {
  return violations.map((violation) => ({ ...violation, pointer: `${part}${violation.pointer ?? ""}` }));
}

const refOf = (value: unknown): string | null => ModelRef.safeParse(value).data ?? null;
