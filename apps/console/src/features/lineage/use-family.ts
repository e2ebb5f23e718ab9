import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Lineage, LineageGroups, paths } from "@ziggurat/contracts";
import { useMemo } from "react";
import { api } from "../../lib/api-client.js";
import { type CountedGroups, groupName, MOST_GROUPS, MOST_MEMBERS } from "./counted-family.js";
import { type FamilyWish, joinPages } from "./family-graph.js";

export type LineageQueryValues = Readonly<Record<string, string | undefined>>;

/** Where an opened group's models are found: by owner and tier. */
export const memberQuery = (name: string): LineageQueryValues =>
  name === "foundation" || name === "finance" ? { owner: "platform", tier: name } : { owner: name, tier: "institution" };

const groupsRead = (version: string, query: LineageQueryValues) => ({
  queryKey: [paths.lineageGroups(version), query],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.get(paths.lineageGroups(version), LineageGroups, { signal, query }),
});

/**
 * A version's family in one request where its descendants fit a page, and else in two: the second counts them in groups. Each group
 * that is opened asks once for its largest models.
 */
export function useFamily(version: string, filter: LineageQueryValues, wish: Pick<FamilyWish, "group" | "open">) {
  const pages = useInfiniteQuery({
    queryKey: [paths.lineage(version), "pages", filter],
    placeholderData: keepPreviousData,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get(paths.lineage(version), Lineage, { signal, query: { ...filter, cursor: pageParam || undefined } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const [first] = pages.data?.pages ?? [];
  const isCounted = first !== undefined && first.nextCursor !== null;
  const reach = useQuery({
    ...groupsRead(version, { ...filter, by: wish.group === "model" ? "model" : "owner", limit: String(MOST_GROUPS) }),
    enabled: isCounted,
    placeholderData: keepPreviousData,
  });
  const members = useQueries({
    queries: wish.open
      .filter((name) => wish.group === "institution" && reach.data?.groups.some((group) => groupName(group) === name && !group.withheld))
      .map((name) => groupsRead(version, { ...filter, ...memberQuery(name), by: "model", limit: String(MOST_MEMBERS) })),
    combine: (reads) => reads.map(({ data }) => data),
  });
  const table = useMemo(() => (pages.data && first ? joinPages(first, pages.data.pages.slice(1)) : undefined), [pages.data, first]);
  const counted = useMemo(
    () => (isCounted && reach.data ? { reach: reach.data, members: byName(members) } : null),
    [isCounted, reach.data, members],
  );
  const isThere = first !== undefined && table !== undefined && (!isCounted || counted !== null);
  return {
    data: isThere ? { first, table, counted } : undefined,
    error: pages.error ?? reach.error,
    refetch: () => (pages.error ? pages.refetch() : reach.refetch()),
    isDimmed: pages.isPlaceholderData || reach.isPlaceholderData,
    hasMore: pages.hasNextPage,
    isLoadingMore: pages.isFetchingNextPage,
    loadMore: () => void pages.fetchNextPage(),
  };
}

/** A family as it was read: its first page, all pages so far, and the counts where it is too large for one page. */
export type FamilyRead = NonNullable<ReturnType<typeof useFamily>["data"]>;

function byName(reads: readonly (LineageGroups | undefined)[]): ReadonlyMap<string, CountedGroups> {
  return new Map(
    reads.flatMap((read) => {
      const [largest] = read?.groups ?? [];
      return read && largest ? [[groupOf(largest), read] as const] : [];
    }),
  );
}

/** The group that a model's versions belong to: its namespace is the institution, or the shared tier. */
const groupOf = ({ key }: LineageGroups["groups"][number]): string => key.split("/")[0] ?? key;
