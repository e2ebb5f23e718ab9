import { Injectable } from "@nestjs/common";
import { Estimate, JobId, type WaitReason } from "@ziggurat/contracts";
import {
  admit,
  type Holding,
  type Place,
  type PlaceLimit,
  QUOTA_PROPOSERS,
  type Waiting,
  waitsForCapacity,
  waitsForCluster,
  waitsForQuota,
} from "@ziggurat/scheduling";
import { LOCAL_CLUSTER } from "../../clusters/cluster-drivers.js";
import { LIVE_ATTEMPT_STATES } from "../../clusters/clusters.repository.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { QuotasRepository } from "../../quotas/quotas.repository.js";
import { moveJob } from "../move-job.js";
import { keyOf } from "../runs/attempt-row.js";
import { RUN_LIMIT_SECONDS } from "../runs/run-specs.service.js";
import { RunTokens } from "../runs/run-tokens.js";

interface ClusterRow {
  readonly id: string;
  readonly slots: number;
  readonly healthy: boolean;
  readonly reason: string | null;
}
interface QueuedRow {
  readonly id: string;
  readonly institution_id: string;
  readonly state: "queued";
  readonly is_ordered: boolean;
  readonly queued_at: Date;
  readonly estimate: unknown;
  readonly waiting: unknown;
  readonly position: number | null;
}
interface HoldingRow {
  readonly institution_id: string;
  readonly estimate: unknown;
  readonly eta: number | null;
  readonly ran: number;
}

/** Seconds until a waiting job is looked at again, should nothing wake it. */
const WAIT_SECONDS = 15;
/** Above the longest run, so that the last upload still finds its token valid. */
const TOKEN_SECONDS = RUN_LIMIT_SECONDS + 24 * 3600;
/** Evaluations that another job waits for go before new work, since they free what that job holds up. */
const PRIORITY = { ordered: 0, asked: 1 } as const;

/** Gives free places on a cluster to the head of its queue. One at a time per cluster, so that no place is given twice. */
@Injectable()
export class Admission {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: RunTokens,
    private readonly quotas: QuotasRepository,
  ) {}

  /** Admits whatever fits and writes why the others wait. @returns ids of the admitted jobs */
  async run(): Promise<string[]> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "scheduler"), async (tx) => {
      const [cluster] = await tx.query<ClusterRow>("select id, slots, healthy, reason from clusters where name = $1 for update", [
        LOCAL_CLUSTER,
      ]);
      if (cluster === undefined) return [];
      const queued = await this.queued(tx);
      if (queued.length === 0) return [];
      const holding = await this.holding(tx, cluster.id);
      const slots = cluster.healthy ? cluster.slots : 0;
      const limits = await this.limits(tx);
      const places = admit(slots, holding, queued.map(waitingOf), limits);
      const admitted: string[] = [];
      for (const place of places) {
        const job = queued.find(({ id }) => id === place.id);
        if (job === undefined) continue;
        if (place.isAdmitted) {
          await this.start(tx, job, cluster.id);
          admitted.push(job.id);
        }
      }
      await this.explain(tx, cluster, queued, places, { limits, holding });
      return admitted;
    });
  }

  /** Writes the attempt, with its deterministic name, before anybody asks an engine for anything. */
  private async start(tx: Tx, job: QueuedRow, clusterId: string): Promise<void> {
    const [last] = await tx.query<{ number: number }>("select coalesce(max(number), 0)::int as number from attempts where job_id = $1", [
      job.id,
    ]);
    const number = (last?.number ?? 0) + 1;
    const id = newId("attempt");
    await tx.query(
      `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at)
       values ($1, $2, $3, $4, $5, $6, 'submitting', $7, now() + make_interval(secs => $8))`,
      [
        id,
        job.institution_id,
        job.id,
        number,
        keyOf(job.id, number),
        clusterId,
        this.tokens.digestOf(this.tokens.tokenOf(id)),
        TOKEN_SECONDS,
      ],
    );
    await moveJob(tx, job, "scheduled", { dueInSeconds: 0 });
    await tx.enqueue("job.advance", { jobId: JobId.parse(job.id) });
  }

  /** The row locks are taken in the order of ids, as everywhere, so that two admissions or an action never lock crosswise. */
  private async queued(tx: Tx): Promise<QueuedRow[]> {
    await tx.query("select 1 from jobs where state = 'queued' order by id for update");
    return tx.query<QueuedRow>(
      `select id, institution_id, state, ordered_by_job_id is not null as is_ordered, queued_at, estimate, waiting, position
       from jobs where state = 'queued' and (not_before is null or not_before <= now())`,
    );
  }

  private async holding(tx: Tx, clusterId: string): Promise<Holding[]> {
    const rows = await tx.query<HoldingRow>(
      `select a.institution_id, j.estimate, (j.progress ->> 'etaSeconds')::float8 as eta, extract(epoch from now() - a.created_at)::float8 as ran
       from attempts a join jobs j on j.id = a.job_id where a.cluster_id = $1 and a.state = any($2)`,
      [clusterId, LIVE_ATTEMPT_STATES],
    );
    return rows.map(({ institution_id: institution, estimate, eta, ran }) => {
      if (eta !== null) return { institution, remainingSeconds: { low: eta * 0.8, high: eta * 1.5 + 10 } };
      const seconds = secondsOf(estimate);
      return {
        institution,
        remainingSeconds: seconds === null ? null : { low: Math.max(0, seconds.low - ran), high: Math.max(10, seconds.high - ran) },
      };
    });
  }

  /** Places that limited institutions may hold. */
  private async limits(tx: Tx): Promise<Map<string, PlaceLimit>> {
    const rows = await this.quotas.all(tx);
    return new Map(
      rows.flatMap(({ institution_id, limits: { gpus, mayBorrow } }) =>
        gpus === null ? [] : [[institution_id, { places: gpus.stop, mayBorrow }] as const],
      ),
    );
  }

  private async explain(
    tx: Tx,
    cluster: ClusterRow,
    queued: readonly QueuedRow[],
    places: readonly Place[],
    { limits, holding }: { readonly limits: ReadonlyMap<string, PlaceLimit>; readonly holding: readonly Holding[] },
  ): Promise<void> {
    const capacity: WaitReason = cluster.healthy
      ? waitsForCapacity(LOCAL_CLUSTER, 0)
      : waitsForCluster(LOCAL_CLUSTER, cluster.reason ?? "it is not healthy");
    const held = new Map<string, number>();
    const started = places.filter(({ isAdmitted }) => isAdmitted).flatMap(({ id }) => queued.find((job) => job.id === id) ?? []);
    for (const institution of [...holding.map((run) => run.institution), ...started.map((job) => job.institution_id)])
      held.set(institution, (held.get(institution) ?? 0) + 1);
    const waitsForOwn = (institution: string): WaitReason =>
      waitsForQuota(held.get(institution) ?? 0, limits.get(institution)?.places ?? 0, QUOTA_PROPOSERS[0]);
    const unwell = cluster.healthy ? [] : [capacity];
    const ahead = new Map<string, number>();
    const now = Date.now();
    for (const place of places.filter(({ isAdmitted }) => !isAdmitted)) {
      const job = queued.find(({ id }) => id === place.id);
      if (job === undefined) continue;
      // Counted among the owner's own jobs only: how many others wait is nobody's business.
      const position = (ahead.get(job.institution_id) ?? 0) + 1;
      ahead.set(job.institution_id, position);
      const range = cluster.healthy && place.startsIn !== null ? place.startsIn : null;
      await tx.query(
        "update jobs set waiting = $2, position = $3, start_range = $4, due_at = now() + make_interval(secs => $5) where id = $1",
        [
          job.id,
          JSON.stringify(place.waitsFor === "quota" ? [waitsForOwn(job.institution_id), ...unwell] : [capacity]),
          position,
          range === null ? null : JSON.stringify({ earliest: isoAfter(now, range.low), latest: isoAfter(now, range.high) }),
          WAIT_SECONDS,
        ],
      );
    }
  }
}

function waitingOf(row: QueuedRow): Waiting {
  return {
    id: row.id,
    institution: row.institution_id,
    priority: row.is_ordered ? PRIORITY.ordered : PRIORITY.asked,
    queuedAt: row.queued_at.getTime(),
    seconds: secondsOf(row.estimate),
  };
}

function secondsOf(estimate: unknown): { readonly low: number; readonly high: number } | null {
  return Estimate.safeParse(estimate).data?.seconds ?? null;
}

function isoAfter(now: number, seconds: number): string {
  return new Date(now + seconds * 1000).toISOString();
}
