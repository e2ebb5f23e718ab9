import { useQuery } from "@tanstack/react-query";
import { type CreateJobInput, Plan, paths, type Violation } from "@ziggurat/contracts";
import { useRef } from "react";
import { api } from "../../../lib/api-client.js";
import { ApiProblem } from "../../../lib/api-problem.js";
import { useSettled } from "../../../lib/use-delayed.js";

const SETTLE_MS = 400;

export interface PlanState {
  readonly plan: Plan | null;
  /** The plan before, where this one differs from it. */
  readonly before: Plan | null;
  readonly violations: readonly Violation[];
  readonly error: unknown;
  readonly retry: () => void;
  readonly hasAnswer: boolean;
  /** The plan shown is of an earlier wording. */
  readonly isStale: boolean;
}

async function askPlan(request: CreateJobInput, signal: AbortSignal): Promise<Plan> {
  try {
    return await api.send("POST", paths.plans(), request, Plan, { signal });
  } catch (error) {
    // A request that does not even parse is refused with the same violations a plan carries.
    if (error instanceof ApiProblem && error.violations.length > 0)
      return { estimate: null, needsApproval: false, violations: [...error.violations], cost: null, quota: [] };
    throw error;
  }
}

/** What would happen if the request were sent as it stands; asked again 400 ms after the last change. */
export function usePlan(request: CreateJobInput): PlanState {
  const settled = useSettled(request, SETTLE_MS);
  const isStarted = settled.model !== "";
  const { data, error, isPlaceholderData, isFetching, refetch } = useQuery({
    queryKey: ["plan", settled],
    enabled: isStarted,
    queryFn: ({ signal }) => askPlan(settled, signal),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  const history = useRef<{ shown: Plan | null; before: Plan | null }>({ shown: null, before: null });
  const plan = isStarted && data ? data : null;
  if (plan && !isPlaceholderData && plan !== history.current.shown) history.current = { shown: plan, before: history.current.shown };
  return {
    plan,
    before: history.current.before,
    violations: plan?.violations ?? [],
    error: isFetching ? null : error,
    retry: () => void refetch(),
    hasAnswer: plan !== null,
    isStale: settled !== request || isPlaceholderData || isFetching,
  };
}
