import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type ActiveFilter, FilterChip } from "./filter-chip.js";
import { ProblemPanel } from "./problem-panel.js";
import { Skeleton } from "./skeleton.js";

interface ListFacesProps<Row> {
  readonly read: { readonly data: readonly Row[] | undefined; readonly error: unknown; readonly refetch: () => unknown };
  readonly filters?: readonly ActiveFilter[];
  /** One sentence why nothing is here yet, and the button to begin, where the viewer can. */
  readonly empty: string;
  readonly begin?: ReactNode;
  /** What no row matches: "No model matches". */
  readonly noMatch?: string;
  readonly children: (rows: readonly Row[]) => ReactNode;
}

/** The four faces of every list: coming, empty (nothing yet, or filtered out), failed, full. */
export function ListFaces<Row>({ read, filters = [], empty, begin, noMatch, children }: ListFacesProps<Row>) {
  if (read.data === undefined && read.error) return <ProblemPanel error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.error ? <ProblemPanel error={read.error} onRetry={() => void read.refetch()} /> : null}
      <div className="zg-framed">
        {read.data === undefined ? (
          <Skeleton rows={6} />
        ) : read.data.length > 0 ? (
          children(read.data)
        ) : filters.length > 0 ? (
          <FilteredOut filters={filters} noMatch={noMatch} />
        ) : (
          <div className="zg-face">
            <p>{empty}</p>
            {begin}
          </div>
        )}
      </div>
    </>
  );
}

function FilteredOut({ filters, noMatch }: { readonly filters: readonly ActiveFilter[]; readonly noMatch: string | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="zg-face">
      <p>{noMatch ?? t("nothingMatches")}</p>
      <div className="zg-row">
        {filters.map((filter) => (
          <FilterChip key={filter.key} filter={filter} />
        ))}
      </div>
      <Button
        variant="default"
        onClick={() => {
          for (const filter of filters) filter.onRemove();
        }}
      >
        {t("clearFilters")}
      </Button>
    </div>
  );
}
