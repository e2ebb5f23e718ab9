import type { ReactNode } from "react";
import { type Column, DataTable } from "./data-table.js";
import { beginAtHead, ListFaces } from "./list-faces.js";
import { TableFoot } from "./table-foot.js";
import type { Pages } from "./use-pages.js";

interface ListSectionProps<Row> {
  readonly title: string;
  readonly level?: 2 | 3;
  readonly lead?: ReactNode;
  readonly read: Pages<Row>;
  /** One sentence why nothing is here yet. */
  readonly empty: string;
  /** The button to begin, where the viewer can. */
  readonly begin?: ReactNode;
  readonly actions?: ReactNode;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** What stands between the head and the list: the refusal of an act on a row. */
  readonly children?: ReactNode;
}

/** A list with its heading, its button to begin, its four faces and its next pages. */
export function ListSection<Row>(props: ListSectionProps<Row>) {
  const { title, level = 2, lead, read, empty, begin, actions, columns, rowKey, children } = props;
  const Heading = `h${level}` as const;
  return (
    <section className="zg-stack" aria-label={title}>
      <div className="zg-spread">
        <Heading>{title}</Heading>
        <div className="zg-row">
          {beginAtHead(begin, read)}
          {actions}
        </div>
      </div>
      {lead && <p className="zg-quiet">{lead}</p>}
      {children}
      <ListFaces read={read} empty={empty} begin={begin}>
        {(rows) => (
          <>
            <DataTable<Row> label={title} rows={rows} rowKey={rowKey} columns={columns} isDimmed={read.isDimmed} />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
    </section>
  );
}
