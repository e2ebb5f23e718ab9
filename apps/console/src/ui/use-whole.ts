import { useEffect } from "react";
import { type Pages, type PagesOptions, usePages } from "./use-pages.js";

const MOST = 200;

/** A list read to its end, for choosing among all of it; nothing is there before all is. */
export function useWhole<T>(options: Omit<PagesOptions<T>, "limit">): Pick<Pages<T>, "data" | "error" | "refetch"> {
  const { data, error, refetch, hasMore, isLoadingMore, loadMore } = usePages({ ...options, limit: MOST });
  const goesOn = hasMore && !isLoadingMore && !error;
  useEffect(() => {
    if (goesOn) loadMore();
  });
  return { data: hasMore ? undefined : data, error, refetch };
}
