/** A column of a table; numbers stand to the right, words to the left. */
export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly value: (row: Row) => string;
}

/** Lines of a plain-text table: titles, a rule, the rows. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((column) => column.value(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? "").length)));
  const lines = cells.map((line) =>
    columns
      .map((column, index) =>
        column.align === "right" ? (line[index] ?? "").padStart(widths[index] ?? 0) : (line[index] ?? "").padEnd(widths[index] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [lines[0] ?? "", rule, ...lines.slice(1)];
}

/** `2012345` as `2,012,345`; nothing known as a dash. */
export function count(value: number | null): string {
  return value === null ? "–" : Math.round(value).toLocaleString("en-US");
}

/** A number with that many decimals; nothing known as a dash. */
export function decimal(value: number | null, digits: number): string {
  return value === null ? "–" : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A share from 0 to 1 as a percentage with one decimal. */
export function percent(value: number | null): string {
  return value === null ? "–" : `${(value * 100).toFixed(1)}%`;
}
