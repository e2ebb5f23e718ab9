import { type ReactNode, useRef } from "react";
import { useOverflows } from "./use-overflows.js";

export interface Column<Row> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: "start" | "end";
  readonly nowrap?: boolean;
}
interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly isDimmed?: boolean;
}

/** A plain table. The first column names the row and holds its link. */
export function DataTable<Row>({ label, columns, rows, rowKey, isDimmed = false }: DataTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const doesOverflow = useOverflows(scroller);
  return (
    // A table wider than its place scrolls, and must then be reachable by keyboard.
    <div
      ref={scroller}
      className={isDimmed ? "zg-table-scroll zg-dimmed" : "zg-table-scroll"}
      {...(doesOverflow ? { tabIndex: 0, role: "region", "aria-label": label } : {})}
    >
      <table className="zg-table" aria-label={label} aria-busy={isDimmed || undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" data-align={column.align}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.id} data-align={column.align} data-nowrap={column.nowrap || undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
