import { Injectable } from "@nestjs/common";
import { brokenGuard, costOf, priceAt } from "@ziggurat/scheduling";
import { clusterSubject, PricesRepository } from "../../metering/prices.repository.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { JobsRepository } from "../jobs.repository.js";
import type { AttemptRow } from "../runs/attempt-row.js";
import { askToYield } from "./yield-notes.js";

interface SpentRow {
  /** Seconds that ended attempts and this one have run. */
  readonly seconds: number;
  /** Milliseconds of this attempt on all its places. */
  readonly milliseconds: number;
  readonly started_at: Date;
  readonly charged: string;
}

/** Looks whether a run keeps the guards of its job, and has it save and stop when it does not. */
@Injectable()
export class RunGuards {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly prices: PricesRepository,
  ) {}

  async look(attempt: AttemptRow): Promise<void> {
    if (attempt.max_seconds === null && attempt.max_cost === null) return;
    await this.unitOfWork.run(systemViewer(attempt.institution_id, attempt.owner, "scheduler"), async (tx) => {
      const job = await this.jobs.lock(tx, attempt.job_id);
      const [spent] = await tx.query<SpentRow>(SPENT, [attempt.job_id, attempt.id]);
      if (job === null || job.state !== "running" || job.wanted_command !== null || spent === undefined) return;
      const price = priceAt(await this.prices.of(tx, clusterSubject(attempt.cluster)), spent.started_at);
      const broken = brokenGuard({
        ...{ maxSeconds: job.max_seconds, seconds: spent.seconds, minUse: null, use: null },
        maxCost: job.max_cost === null ? null : Number(job.max_cost),
        cost: Number(spent.charged) + costOf(spent.milliseconds, price),
      });
      if (broken !== null) await askToYield(tx, job, "guard", broken.detail);
    });
  }
}

const SPENT = `
  select coalesce(sum(extract(epoch from coalesce(a.ended_at, now()) - a.started_at)), 0)::float8 as seconds,
    coalesce(sum(extract(epoch from now() - a.started_at) * a.places * 1000) filter (where a.id = $2), 0)::float8 as milliseconds,
    coalesce(max(a.started_at) filter (where a.id = $2), now()) as started_at,
    (select coalesce(sum(c.cost), 0) from charges c where c.job_id = $1) as charged
  from attempts a where a.job_id = $1 and a.started_at is not null`;
