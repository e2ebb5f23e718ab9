import { Inject, Injectable } from "@nestjs/common";
import { FAILURES, FailureClass, Job } from "@ziggurat/contracts";
import { checkApprover, type TierPolicy, whyNot } from "@ziggurat/pyramid";
import { type MoveFacts, movesFor } from "@ziggurat/scheduling";
import { LIVE_ATTEMPT_STATES } from "../clusters/clusters.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { Separation, type Work } from "../separation/separation.service.js";
import { DATA, EVALUATE, type JobRow } from "./job-row.js";
import { needsApproval } from "./needs-approval.js";

interface AttemptRow {
  readonly job_id: string;
  readonly id: string;
  readonly number: number;
  readonly key: string;
  readonly cluster: string;
  readonly external: { readonly id: string } | null;
  readonly state: string;
  readonly exit_code: number | null;
  readonly failure_class: string | null;
  readonly failure_detail: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly last_heard_at: Date | null;
}

/** Jobs as the contract shows them to this viewer, with the moves open now. */
@Injectable()
export class JobViews {
  constructor(
    private readonly separation: Separation,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  async of(tx: Tx, rows: readonly JobRow[]): Promise<Job[]> {
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const attempts = groupBy(await attemptsOf(tx, ids));
    const history = groupBy(await historyOf(tx, ids));
    const approvals = groupBy(await approvalsOf(tx, ids));
    const datasets = groupBy(await datasetsOf(tx, ids));
    const evaluations = groupBy(await evaluationJobsOf(tx, ids));
    const works = await this.works(tx, rows);
    return rows.map((row) => {
      const own = attempts.get(row.id) ?? [];
      const refs = datasets.get(row.id) ?? [];
      const approved = approvals.get(row.id) ?? [];
      return Job.parse({
        id: row.id,
        kind: row.kind,
        method: row.method,
        tier: row.tier,
        model: row.model,
        owner: row.owner,
        parent: row.parent,
        datasets: refs.filter(({ role }) => role === DATA).map(({ ref }) => ref),
        evaluateOn: refs.filter(({ role }) => role === EVALUATE).map(({ ref }) => ref),
        hyperparameters: row.hyperparameters,
        seed: row.seed,
        reason: row.reason,
        state: row.state,
        stateReason: row.state_reason,
        history: (history.get(row.id) ?? []).map(({ state, at, reason }) => ({ state, at: at.toISOString(), reason })),
        requestedBy: { id: row.requested_by, name: row.requested_by_name },
        approvals: approved.map(({ user_id, name, at }) => ({ id: user_id, name, at: at.toISOString() })),
        estimate: row.estimate,
        priority: row.priority,
        resources: row.resources,
        window: row.run_window,
        maxSeconds: row.max_seconds,
        maxCost: row.max_cost === null ? null : Number(row.max_cost),
        placement: row.placement,
        preemptions: row.preemptions,
        yielding: row.yielding,
        waiting: row.waiting,
        position: row.position,
        startRange: row.start_range,
        attempts: own.map(attemptOf),
        progress: row.progress,
        version: row.version,
        evaluationJobs: (evaluations.get(row.id) ?? []).map(({ id }) => id),
        evaluationFailed: row.evaluation_failed,
        flaggedBy: row.flagged_by,
        tokens: row.tokens === null ? null : Number(row.tokens),
        trainSeconds: row.train_seconds,
        tokensPerSecond: row.tokens_per_second,
        moves: movesFor(this.moveFacts(tx, row, works.get(row.id), approved.length > 0, own)),
        lastEventSeq: Number(row.last_event_seq),
        createdAt: row.created_at.toISOString(),
        startedAt: row.started_at?.toISOString() ?? null,
        finishedAt: row.finished_at?.toISOString() ?? null,
      });
    });
  }

  /** What the rules about moves look at, read anew inside the transaction that moves. */
  async factsOf(tx: Tx, row: JobRow): Promise<MoveFacts> {
    const [attempts, approvals] = [await attemptsOf(tx, [row.id]), await approvalsOf(tx, [row.id])];
    const work = (await this.works(tx, [row])).get(row.id);
    return this.moveFacts(tx, row, work, approvals.length > 0, attempts);
  }

  /** Only what waits for a word asks whose it may be. */
  private works(tx: Tx, rows: readonly JobRow[]): Promise<ReadonlyMap<string, Work>> {
    const waiting = rows.filter(({ state }) => state === "awaiting_approval").map(({ id }) => id);
    return this.separation.of(tx, "job", waiting);
  }

  private moveFacts({ viewer }: Tx, row: JobRow, work: Work | undefined, isApproved: boolean, attempts: readonly AttemptRow[]): MoveFacts {
    const policy = this.pyramid[row.tier];
    const isHome = viewer.institutionId === row.institution_id;
    return {
      state: row.state,
      isOwn: isHome && whyNot(policy, viewerFacts(viewer), row.owner, "contribute") === null,
      isApprover: isHome && mayApprove(viewer, policy),
      ownWork: work === undefined ? [] : checkApprover("job_approval", work.contributions, work.approver),
      needsApproval: row.ordered_by_job_id === null && needsApproval(policy, row.kind),
      isApproved,
      hasVersion: row.version_id !== null,
      brokeGuard: attempts.at(-1)?.failure_class === "guard",
      hasLiveAttempt: attempts.some(isLive),
    };
  }
}

/** The policy's roles approve, and roles of the institution's own that give just this. */
function mayApprove(viewer: Viewer, { jobApprovers }: TierPolicy): boolean {
  return jobApprovers !== null && (hasRole(viewer, ...jobApprovers) || viewer.customScopes?.includes("jobs:approve") === true);
}

function isLive({ state }: AttemptRow): boolean {
  return LIVE_ATTEMPT_STATES.some((live) => live === state);
}

function attemptOf(row: AttemptRow): Job["attempts"][number] | object {
  const failure = FailureClass.safeParse(row.failure_class).data ?? null;
  return {
    id: row.id,
    number: row.number,
    key: row.key,
    cluster: row.cluster,
    externalId: row.external?.id ?? null,
    state: row.state,
    exitCode: row.exit_code,
    failure: failure === null ? null : { class: failure, detail: row.failure_detail ?? "", remedy: FAILURES[failure].remedy },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    lastHeardAt: row.last_heard_at?.toISOString() ?? null,
  };
}

function attemptsOf(tx: Tx, ids: readonly string[]): Promise<AttemptRow[]> {
  return tx.query<AttemptRow>(
    "select a.*, c.name as cluster from attempts a join clusters c on c.id = a.cluster_id where a.job_id = any($1) order by a.number",
    [ids],
  );
}

function historyOf(tx: Tx, ids: readonly string[]) {
  return tx.query<{ job_id: string; state: string; at: Date; reason: string | null }>(
    "select job_id, state, at, reason from job_history where job_id = any($1) order by n",
    [ids],
  );
}

function approvalsOf(tx: Tx, ids: readonly string[]) {
  return tx.query<{ job_id: string; user_id: string; name: string; at: Date }>(
    "select job_id, user_id, name, at from job_approvals where job_id = any($1) order by at",
    [ids],
  );
}

function datasetsOf(tx: Tx, ids: readonly string[]) {
  return tx.query<{ job_id: string; role: string; ref: string }>(
    `select jd.job_id, jd.role, d.namespace || '/' || d.slug || '@' || dv.number as ref
     from job_datasets jd join dataset_versions dv on dv.id = jd.dataset_version_id join datasets d on d.id = dv.dataset_id
     where jd.job_id = any($1) order by jd.position`,
    [ids],
  );
}

function evaluationJobsOf(tx: Tx, ids: readonly string[]) {
  return tx.query<{ job_id: string; id: string }>(
    "select ordered_by_job_id as job_id, id from jobs where ordered_by_job_id = any($1) order by id",
    [ids],
  );
}

function groupBy<T extends { readonly job_id: string }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(row.job_id, [...(groups.get(row.job_id) ?? []), row]);
  return groups;
}
