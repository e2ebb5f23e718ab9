import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Pyramid, paths } from "@ziggurat/contracts";
import { api } from "../../lib/api-client.js";
import { polling } from "../../lib/query-client.js";
import type { PyramidFilter } from "./filter-pyramid.js";

interface Asked extends Pick<PyramidFilter, "tier" | "state" | "inst"> {
  /** The end of a day, or an instant. */
  readonly at?: string | undefined;
}

/**
 * Every version the viewer may see, in columns. The page filters them itself; only where there are more than one answer holds is the
 * server asked for those that the filter keeps.
 */
export function usePyramid({ tier, state, inst, at }: Asked) {
  const all = useOverview({ at }, true);
  const isNarrow = tier !== undefined || state !== undefined || inst !== undefined;
  const isTruncated = all.data?.truncated === true;
  const owner = inst === undefined ? undefined : [inst, "platform"];
  const kept = useOverview({ tier, state, owner, at }, isTruncated && isNarrow);
  const shown = isTruncated && isNarrow ? kept : all;
  return {
    data: all.data && shown.data ? { all: all.data, shown: shown.data } : undefined,
    error: all.error ?? shown.error,
    refetch: () => (all.error ? all.refetch() : shown.refetch()),
  };
}

function useOverview(query: Readonly<Record<string, string | readonly string[] | undefined>>, isEnabled: boolean) {
  return useQuery({
    queryKey: [paths.lineageOverview(), query],
    queryFn: ({ signal }) => api.get(paths.lineageOverview(), Pyramid, { signal, query }),
    enabled: isEnabled,
    placeholderData: keepPreviousData,
    ...polling,
  });
}
