import type { DataFormat, Violation } from "@ziggurat/contracts";
import { linesOf } from "./lines.js";
import { MAX_LINE_BYTES, readRow } from "./row-check.js";

/** Faults answered at most; a file that is wrong throughout is not worth reading to its end. */
export const MOST_FAULTS = 100;

export interface CheckedRows {
  readonly rows: number;
  readonly characters: number;
  readonly violations: readonly Violation[];
}

/** Reads a dataset to its end, row by row, and answers up to {@link MOST_FAULTS} faults with their line numbers, from 1. */
export async function checkRows(format: DataFormat, source: AsyncIterable<Uint8Array>): Promise<CheckedRows> {
  const violations: Violation[] = [];
  let rows = 0;
  let characters = 0;
  for await (const { number, bytes } of linesOf(source, MAX_LINE_BYTES)) {
    rows += 1;
    const reading = bytes === null ? null : readRow(format, bytes);
    if (reading?.ok) characters += reading.characters;
    else violations.push(violation(number, reading?.fault ?? { code: "line_too_long", detail: `is longer than ${MAX_LINE_BYTES} bytes` }));
    if (violations.length === MOST_FAULTS) break;
  }
  if (rows === 0) violations.push({ code: "dataset_empty", detail: "the file has no rows", pointer: "/sha256" });
  return { rows, characters, violations };
}

function violation(line: number, { code, detail }: { readonly code: string; readonly detail: string }): Violation {
  return { code, detail: `line ${line}: ${detail}`, pointer: "/sha256" };
}
