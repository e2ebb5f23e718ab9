import type { Statement } from "@ziggurat/contracts";
import Papa from "papaparse";

const COLUMNS = [
  "month",
  "institution",
  "state",
  "kind",
  "job",
  "model",
  "version",
  "scenario",
  "unit",
  "quantity",
  "amount_minor",
  "currency",
  "late_for",
  "reason",
] as const;

/** One row for each line (RFC 4180). Amounts are whole minor units. Cells that a spreadsheet would take for a formula are defused. */
export function statementCsv(statements: readonly Statement[]): string {
  const data = statements.flatMap(({ month, institution, isClosed, currency, lines }) =>
    lines.map((line) => [
      month,
      institution,
      isClosed ? "closed" : "open",
      line.kind,
      line.job ?? "",
      line.model ?? "",
      line.version ?? "",
      line.scenario ?? "",
      line.unit ?? "",
      line.quantity ?? "",
      line.amount,
      currency,
      line.lateFor ?? "",
      line.reason ?? "",
    ]),
  );
  return `${Papa.unparse({ fields: [...COLUMNS], data }, { escapeFormulae: /^[=@\t\r]|^[+-](?![0-9]+$)/ })}\r\n`;
}
