import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type Page, pageOf } from "@ziggurat/contracts";
import { useMemo } from "react";
import type { ZodType } from "zod";
import { api } from "../lib/api-client.js";
import { polling } from "../lib/query-client.js";

export interface PagesOptions<T> {
  readonly path: string;
  readonly item: ZodType<T>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Rows of one page; null for a list that has no pages. */
  readonly limit?: number | null;
  readonly isEnabled?: boolean;
}

/** A list as it is read so far. */
export interface Pages<T> {
  readonly data: readonly T[] | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
  readonly isDimmed: boolean;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
}

/** A list read page by page; old rows stay, dimmed, while a filter changes. */
export function usePages<T>({ path, item, query = {}, limit = 50, isEnabled = true }: PagesOptions<T>): Pages<T> {
  const result = useInfiniteQuery({
    queryKey: [path, query, limit],
    enabled: isEnabled,
    placeholderData: keepPreviousData,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }): Promise<Page<T>> =>
      api.get(path, pageOf(item), { signal, query: { ...query, limit: limit ?? undefined, cursor: pageParam || undefined } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    ...polling,
  });
  const data = useMemo(() => result.data?.pages.flatMap((page) => page.data), [result.data]);
  return {
    data,
    error: result.error,
    refetch: result.refetch,
    isDimmed: result.isPlaceholderData,
    hasMore: result.hasNextPage,
    isLoadingMore: result.isFetchingNextPage,
    loadMore: () => void result.fetchNextPage(),
  };
}
