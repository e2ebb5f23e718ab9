import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { paths, SearchAnswer, SearchKind } from "@ziggurat/contracts";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { FilterChip } from "../../ui/filter-chip.js";
import { FilterText } from "../../ui/filter-text.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { ViewSwitch } from "../../ui/view-switch.js";
import { HitGroups } from "./hit-groups.js";
import { HitList } from "./hit-list.js";
import { SearchHelp } from "./search-help.js";
import "./search.css";

const UrlSchema = z.object({ q: z.string().max(200).optional(), kind: SearchKind.optional() });
const FIRST_FEW = 5;
const PAGE = 20;

/** Everything found for the words and terms in the address: a few of each kind, or one kind page by page. */
export function SearchPage() {
  const { t } = useTranslation("search");
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const { q, kind } = values;
  const setText = useCallback((text: string | undefined) => set({ q: text }), [set]);
  const read = useInfiniteQuery({
    queryKey: [paths.search(), q, kind],
    enabled: q !== undefined,
    placeholderData: keepPreviousData,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get(paths.search(), SearchAnswer, {
        signal,
        query: { q, kind, limit: kind === undefined ? FIRST_FEW : PAGE, cursor: pageParam || undefined },
      }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const [first] = read.data?.pages ?? [];
  const hits = read.data?.pages.flatMap((page) => page.data);
  const counts = first?.counts ?? [];
  const chips = (first?.parts ?? []).map(({ text }, at, parts) => ({
    key: `${at} ${text}`,
    label: text,
    onRemove: () => set({ q: parts.flatMap((part, place) => (place === at ? [] : [part.text])).join(" ") || undefined }),
  }));
  const total = (value: number, isMore: boolean) => t(isMore ? "countMore" : "count", { value: formats.number(value) });
  return (
    <Page title={t("title")} lead={t("lead")}>
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <div className="zg-search-field">
          <FilterText label={t("field")} value={q} placeholder={t("example")} onChange={setText} />
        </div>
      </div>
      {q !== undefined && (
        <>
          {chips.length > 1 && (
            <div className="zg-row">
              {chips.map((chip) => (
                <FilterChip key={chip.key} filter={chip} />
              ))}
            </div>
          )}
          {counts.length > 0 && (
            <ViewSwitch
              label={t("show")}
              value={kind ?? "all"}
              options={[
                { value: "all", label: t("all") },
                ...counts.map((one) => ({ value: one.kind, label: `${t(`kind.${one.kind}`)} ${total(one.count, one.isMore)}` })),
              ]}
              onChange={(next) => set({ kind: next === "all" ? undefined : next }, "push")}
            />
          )}
          <ListFaces read={{ data: hits, error: read.error, refetch: read.refetch }} empty={t("nothingFor")}>
            {(rows) =>
              kind === undefined ? (
                <HitGroups hits={rows} counts={counts} isDimmed={read.isPlaceholderData} onAll={(one) => set({ kind: one }, "push")} />
              ) : (
                <>
                  <HitList hits={rows} label={t(`kind.${kind}`)} isDimmed={read.isPlaceholderData} />
                  <TableFoot
                    shown={rows.length}
                    hasMore={read.hasNextPage}
                    isLoadingMore={read.isFetchingNextPage}
                    loadMore={() => void read.fetchNextPage()}
                  />
                </>
              )
            }
          </ListFaces>
        </>
      )}
      <SearchHelp isOpen={q === undefined} onTry={setText} />
    </Page>
  );
}
