import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type ActiveFilter, FilterChip } from "./filter-chip.js";
import { ProblemPanel } from "./problem-panel.js";
import { Skeleton } from "./skeleton.js";

interface ListRead<Row> {
  readonly data: readonly Row[] | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}
interface ListFacesProps<Row> {
  readonly read: ListRead<Row>;
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
  const frame = useKeptFocus(hasNothingYet(read, filters));
  if (read.data === undefined && read.error) return <ProblemPanel error={read.error} onRetry={() => void read.refetch()} />;
  return (
    <>
      {read.error ? <ProblemPanel error={read.error} onRetry={() => void read.refetch()} /> : null}
      <div ref={frame} className="zg-framed" tabIndex={-1}>
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

/**
 * The button to begin as it stands at the head of a list: an empty list offers it in its own place, and one is enough. It waits until that
 * is known, since a button that moves is missed.
 */
export function beginAtHead(begin: ReactNode, read: ListRead<unknown>, filters: readonly ActiveFilter[] = []): ReactNode {
  const isKnown = read.data !== undefined || Boolean(read.error);
  return isKnown && !hasNothingYet(read, filters) ? begin : null;
}

function hasNothingYet(read: ListRead<unknown>, filters: readonly ActiveFilter[]): boolean {
  return read.data?.length === 0 && filters.length === 0;
}

/** The button in an empty list goes away with the first row: whoever stood on it goes on in the list. */
function useKeptFocus(isEmpty: boolean) {
  const frame = useRef<HTMLDivElement>(null);
  const wasInside = useRef(false);
  useEffect(() => {
    const note = () => {
      wasInside.current = frame.current?.contains(document.activeElement) === true;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
  useEffect(() => {
    if (!isEmpty && wasInside.current && document.activeElement === document.body) frame.current?.focus({ preventScroll: true });
  }, [isEmpty]);
  return frame;
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
