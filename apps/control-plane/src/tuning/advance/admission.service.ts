import { Injectable } from "@nestjs/common";
import { JobId, type JobResources, SchedulingPolicy } from "@ziggurat/contracts";
import { admit, amountOn, type Pass, RUNNING_STATES, type Start, unitsOf } from "@ziggurat/scheduling";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { ClusterStates, type KnownCluster } from "../../scheduling/cluster-states.repository.js";
import { rulesOf, SchedulingRepository } from "../../scheduling/scheduling.repository.js";
import { type MovingJob, moveJob } from "../move-job.js";
import { keyOf } from "../runs/attempt-row.js";
import { RUN_LIMIT_SECONDS } from "../runs/run-limit.js";
import { RunTokens } from "../runs/run-tokens.js";
import { SituationRepository } from "./situation.repository.js";
import { holdingOf, waitingOf } from "./situation-rows.js";
import { type Note, notesOf, writeNotes } from "./waiting-notes.js";
import { askToYield, YIELD_WORDS } from "./yield-notes.js";

/** Above the longest run, so that the last upload still finds its token valid. */
const TOKEN_SECONDS = RUN_LIMIT_SECONDS + 24 * 3600;

/** What one pass writes. */
interface Written {
  readonly pass: Pass;
  readonly notes: readonly Note[];
  readonly clusters: readonly KnownCluster[];
  /** The job of each run. */
  readonly jobOf: ReadonlyMap<string, string>;
}

/** Gives what is free on clusters to those whose turn it is. One pass at a time, so that no place is given twice. */
@Injectable()
export class Admission {
  private next: Promise<string[]> | null = null;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tokens: RunTokens,
    private readonly situations: SituationRepository,
    private readonly clusters: ClusterStates,
    private readonly policies: SchedulingRepository,
  ) {}

  /**
   * Admits whatever fits and writes why the others wait. Whoever asks while a pass is under way shares the next one, which sees all that they
   * did. @returns ids of the jobs that it admitted
   */
  run(): Promise<string[]> {
    this.next ??= this.after(this.running);
    return this.next;
  }

  private async after(before: Promise<unknown>): Promise<string[]> {
    await before.catch(() => undefined);
    this.next = null;
    const pass = this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "scheduler"), (tx) => this.pass(tx));
    this.running = pass;
    return pass;
  }

  private async pass(tx: Tx): Promise<string[]> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('admission', 0))");
    const at = new Date();
    const clusters = await this.clusters.all(tx, at);
    const [queued, held] = [await this.situations.queued(tx), await this.situations.holding(tx)];
    if (clusters.length === 0 || queued.length + held.length === 0) return [];
    const policy = (await this.policies.policy(tx))?.policy ?? SchedulingPolicy.parse({});
    const now = at.getTime();
    const pass = admit({
      now,
      clusters,
      waiting: queued.map(waitingOf),
      holding: held.map((row) => holdingOf(row, now)),
      accounts: await this.situations.accounts(tx, policy),
      limits: await this.situations.limits(tx),
      floors: policy.floors,
      reservations: await this.policies.reservations(tx, at),
      rules: rulesOf(policy),
    });
    const notes = notesOf(pass.decisions, new Map(queued.map((row) => [row.id, row])), now);
    return this.write(tx, { pass, notes, clusters, jobOf: new Map(held.map(({ id, job_id }) => [id, job_id])) });
  }

  /** All rows are locked at once in the order of ids, so that two who lock many never lock crosswise; who was called off meanwhile does not start. */
  private async write(tx: Tx, { pass, notes, clusters, jobOf }: Written): Promise<string[]> {
    const starting = new Map(pass.decisions.flatMap(({ job, start }) => (start === null ? [] : [[job.id, { job, start }] as const])));
    const yielding = new Map(pass.yields.map(({ runId, kind }) => [jobOf.get(runId) ?? "", kind]));
    const locked = await tx.query<MovingJob>(`select id, institution_id, state from jobs where id = any($1) order by id for update`, [
      [...starting.keys(), ...yielding.keys(), ...notes.map(({ id }) => id)],
    ]);
    const admitted = new Set<string>();
    for (const row of locked) {
      const found = starting.get(row.id);
      const cluster = clusters.find(({ name }) => name === found?.start.cluster);
      const kind = yielding.get(row.id);
      if (found !== undefined && cluster !== undefined && row.state === "queued") {
        await this.start(tx, row, found.job.resources, found.start, cluster);
        admitted.add(row.id);
      } else if (kind !== undefined && RUNNING_STATES.includes(row.state)) await askToYield(tx, row, kind, YIELD_WORDS[kind]);
    }
    await writeNotes(tx, notes);
    return [...starting.keys()].filter((id) => admitted.has(id));
  }

  /** Writes the attempt, with its deterministic name, before anybody asks an engine for anything. */
  private async start(tx: Tx, job: MovingJob, resources: JobResources, start: Start, cluster: KnownCluster): Promise<void> {
    const [last] = await tx.query<{ number: number }>("select coalesce(max(number), 0)::int as number from attempts where job_id = $1", [
      job.id,
    ]);
    const number = (last?.number ?? 0) + 1;
    const id = newId("attempt");
    const pool = cluster.pools.find(({ name }) => name === start.pool);
    const taken = pool === undefined ? { units: unitsOf(resources), cpus: 0, memoryMb: 0 } : amountOn(pool, resources);
    await tx.query(
      `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at, places, taken, pool, gpu_type)
       values ($1, $2, $3, $4, $5, $6, 'submitting', $7, now() + make_interval(secs => $8), $9, $10, $11, $12)`,
      [
        id,
        job.institution_id,
        job.id,
        number,
        keyOf(job.id, number),
        cluster.id,
        this.tokens.digestOf(this.tokens.tokenOf(id)),
        TOKEN_SECONDS,
        unitsOf(resources),
        JSON.stringify(taken),
        start.pool,
        start.gpuType,
      ],
    );
    await tx.query("update jobs set placement = $2 where id = $1", [job.id, JSON.stringify(start.placement)]);
    await moveJob(tx, job, "scheduled", { dueInSeconds: 0 });
    await tx.enqueue("job.advance", { jobId: JobId.parse(job.id) });
  }
}
