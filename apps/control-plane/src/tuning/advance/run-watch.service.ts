import { Inject, Injectable, Logger } from "@nestjs/common";
import type { ClusterDriver, KnownStatus, RunRef, Submission } from "@ziggurat/clusters";
import { paths } from "@ziggurat/contracts";
import { RUNNING_STATES, waitsAtEngine } from "@ziggurat/scheduling";
import { CLUSTER_DRIVERS, type ClusterDrivers, driverOf } from "../../clusters/cluster-drivers.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { PublicAddress } from "../../platform/http/public-address.js";
import { JobsRepository } from "../jobs.repository.js";
import { moveJob } from "../move-job.js";
import { type AttemptRow, familyOf } from "../runs/attempt-row.js";
import { runLimitOf } from "../runs/run-limit.js";
import { RunTokens } from "../runs/run-tokens.js";
import { WATCH_SECONDS } from "../watch-seconds.js";
import { AttemptOutcome } from "./attempt-outcome.service.js";
import { RunGuards } from "./run-guards.service.js";

/** Seconds of silence after which a run counts as without signal, if its engine cannot say how it is. */
const SILENCE_SECONDS = 30;
/** Seconds of silence that are too many even of a run that its engine calls running. */
const LONG_SILENCE_SECONDS = 600;
/** Restarts in place before a lost run becomes a lost attempt. */
const MAX_RESTARTS = 3;
/** Seconds for which a submission is tried before the attempt is given up. */
const SUBMIT_SECONDS = 600;
const SOON_SECONDS = 1;
/** The runner keeps the limit and has the program save; its engine is the last resort. */
const LIMIT_GRACE_SECONDS = 600;
/** Seconds after which a run that was asked to save and stop is stopped without having saved. */
const YIELD_SECONDS = 180;

/** Asks engines about live attempts and acts on the answers. Whatever it does may be done twice. */
@Injectable()
export class RunWatch {
  private readonly logger = new Logger(RunWatch.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly outcome: AttemptOutcome,
    private readonly tokens: RunTokens,
    private readonly address: PublicAddress,
    private readonly guards: RunGuards,
    @Inject(CLUSTER_DRIVERS) private readonly drivers: ClusterDrivers,
  ) {}

  /** Looks at one live attempt. `isStopping`: its job no longer wants it. */
  async look(attempt: AttemptRow, isStopping: boolean): Promise<void> {
    const driver = driverOf(this.drivers, attempt.cluster);
    const ref = attempt.external ?? (await this.submitted(driver, attempt, isStopping));
    if (ref === null) return;
    const status = await driver.status(ref);
    if (!status.reachable) return this.unreachable(attempt, status.message);
    switch (status.state) {
      case "queued":
      case "scheduling":
      case "running":
        if (isStopping || isOverdue(attempt)) await driver.cancel(ref);
        else await this.running(attempt, status);
        return this.again(attempt, isStopping ? SOON_SECONDS : WATCH_SECONDS);
      case "lost":
        if (!isStopping && status.restarts < MAX_RESTARTS && (await this.restarted(driver, attempt, ref))) {
          this.logger.warn(`${attempt.key} was lost and started again in place`);
          return this.again(attempt, SOON_SECONDS);
        }
        // Whatever is left of it must not go on beside the next attempt.
        await driver.cancel(ref);
        return this.outcome.end(attempt, status);
      case "succeeded":
      case "failed":
      case "cancelled":
        return this.outcome.end(attempt, status);
    }
  }

  /** The engine's run of this attempt: found when an earlier submission reached it, submitted when none did. */
  private async submitted(driver: ClusterDriver, attempt: AttemptRow, isStopping: boolean): Promise<RunRef | null> {
    try {
      const [found] = await driver.find(attempt.key);
      if (found === undefined && isStopping) {
        await this.outcome.end(attempt, { state: "cancelled", exitCode: null, message: "Never started." });
        return null;
      }
      const ref = found ?? (await driver.submit(this.submissionOf(attempt)));
      await this.unitOfWork.run(this.viewerOf(attempt), (tx) =>
        tx.query(
          "update attempts set external = $2, state = case when state = 'submitting' then 'scheduling' else state end where id = $1",
          [attempt.id, JSON.stringify(ref)],
        ),
      );
      return ref;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.logger.warn(`${attempt.key} could not be submitted: ${message}`);
      const isTooLate = Date.now() - attempt.created_at.getTime() > SUBMIT_SECONDS * 1000;
      if (isTooLate) await this.outcome.end(attempt, { state: "lost", exitCode: null, message });
      else await this.again(attempt, WATCH_SECONDS);
      return null;
    }
  }

  private async restarted(driver: ClusterDriver, attempt: AttemptRow, ref: RunRef): Promise<boolean> {
    try {
      return await driver.restart(this.submissionOf(attempt), ref);
    } catch (error) {
      this.logger.warn(`${attempt.key} could not be started again: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** The engine has it: waiting, with its reason, or running; a runner that has been heard of lately agrees. */
  private async running(attempt: AttemptRow, { state, waits }: KnownStatus): Promise<void> {
    const isWaiting = state !== "running" && attempt.started_at === null;
    await this.unitOfWork.run(this.viewerOf(attempt), (tx) =>
      tx.query("update jobs set waiting = $2 where id = $1 and state = 'scheduled' and waiting <> $2", [
        attempt.job_id,
        JSON.stringify(isWaiting && waits !== null ? [waitsAtEngine(attempt.cluster, waits.code, waits.raw)] : []),
      ]),
    );
    await this.guards.look(attempt);
    if (silenceOf(attempt) > LONG_SILENCE_SECONDS) await this.signalLost(attempt, "the runner has been silent for ten minutes");
  }

  private async unreachable(attempt: AttemptRow, message: string): Promise<void> {
    if (silenceOf(attempt) > SILENCE_SECONDS) await this.signalLost(attempt, `engine unreachable: ${message}`);
    await this.again(attempt, WATCH_SECONDS);
  }

  private async signalLost(attempt: AttemptRow, reason: string): Promise<void> {
    await this.unitOfWork.run(this.viewerOf(attempt), async (tx) => {
      const job = await this.jobs.lock(tx, attempt.job_id);
      if (job === null || job.state === "no_signal" || !RUNNING_STATES.includes(job.state)) return;
      await moveJob(tx, job, "no_signal", { reason, dueInSeconds: WATCH_SECONDS });
    });
  }

  private async again(attempt: AttemptRow, seconds: number): Promise<void> {
    await this.unitOfWork.run(this.viewerOf(attempt), (tx) =>
      tx.query("update jobs set due_at = now() + make_interval(secs => $2) where id = $1", [attempt.job_id, seconds]),
    );
  }

  private submissionOf(attempt: AttemptRow): Submission {
    return {
      key: attempt.key,
      family: familyOf(attempt.job_id),
      // The type of the pool that it was given, so that the engine takes it from there.
      resources: {
        ...attempt.resources,
        gpuType: attempt.gpu_type ?? attempt.resources.gpuType,
        limitSeconds: runLimitOf(attempt) + LIMIT_GRACE_SECONDS,
      },
      work: { kind: "run", url: this.address.url + paths.run(attempt.id), token: this.tokens.tokenOf(attempt.id) },
    };
  }

  private viewerOf(attempt: AttemptRow) {
    return systemViewer(attempt.institution_id, attempt.owner, "scheduler");
  }
}

function silenceOf(attempt: Pick<AttemptRow, "last_heard_at" | "created_at">): number {
  return (Date.now() - (attempt.last_heard_at ?? attempt.created_at).getTime()) / 1000;
}

/** It was asked to save and stop, and has had its time. */
function isOverdue({ yielding }: Pick<AttemptRow, "yielding">): boolean {
  return yielding !== null && Date.now() - Date.parse(yielding.since) > YIELD_SECONDS * 1000;
}
