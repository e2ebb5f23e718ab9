import { type Page, pageOf, paths, RunningWork } from "@ziggurat/contracts";
import { api } from "../../lib/api-client.js";
import { ApiProblem } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";

export type WorkQuery = Readonly<{ institution: string; "filter[user]"?: string; "filter[left]"?: "true" }>;

const MOST = 200;

/** Everything that runs, page by page. */
export async function readWork(query: WorkQuery, signal?: AbortSignal): Promise<RunningWork[]> {
  const found: RunningWork[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page<RunningWork> = await api.get(paths.runningWork(), pageOf(RunningWork), {
      ...(signal === undefined ? {} : { signal }),
      query: { ...query, limit: MOST, cursor: cursor || undefined },
    });
    found.push(...page.data);
    cursor = page.nextCursor;
  }
  return found;
}

/** Ends it. What has come to its end meanwhile needs none. */
export async function cancelWork({ kind, id }: RunningWork): Promise<void> {
  const path = kind === "import" ? paths.importAction(id, "cancel") : paths.jobAction(id, "cancel");
  await api.sendOnly("POST", path, {}).catch((error: unknown) => {
    if (!(error instanceof ApiProblem && (error.status === 409 || error.status === 404))) throw error;
  });
}

export const pageOfWork = ({ kind, id }: RunningWork): string => (kind === "import" ? to.import(id) : to.job(id));
