import { QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./api-problem.js";

const SEEN_MS = 10_000;
const HIDDEN_MS = 60_000;

/** Options of everything that polls: every 10 s while the page is seen, every 60 s behind another tab, at once on return. */
export const polling = {
  refetchInterval: () => (document.visibilityState === "hidden" ? HIDDEN_MS : SEEN_MS),
  refetchIntervalInBackground: true,
} as const;

/** `onSignedOut` runs when any read finds the session gone. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiProblem && error.status === 401) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        refetchOnWindowFocus: true,
        // The page says what happened and offers Retry; waiting through silent repeats would only hide it.
        retry: (failures, error) => failures < 1 && error instanceof ApiProblem && error.status >= 500,
        retryDelay: 500,
      },
      mutations: { retry: false },
    },
  });
}
