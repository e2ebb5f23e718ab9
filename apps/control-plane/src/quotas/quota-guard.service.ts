import { Injectable } from "@nestjs/common";
import type { Estimate, Plan, Violation } from "@ziggurat/contracts";
import { type Amounts, checkQuota, leftOf, NOTHING } from "@ziggurat/scheduling";
import { PricesRepository } from "../metering/prices.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { refuseIfAny } from "../platform/errors/refusal.js";
import { QuotaUseRepository } from "./quota-use.repository.js";
import { QuotasRepository } from "./quotas.repository.js";

/** What a job wants of its institution's quota. */
export interface JobWant {
  readonly estimate: Estimate | null;
  /** Places that it holds while it runs. */
  readonly places: number;
  /** It leaves bytes behind. */
  readonly storesResult: boolean;
}

/** What the quota says to a request that is looked at, and not made. */
export interface QuotaAnswer {
  readonly cost: Plan["cost"];
  readonly quota: Plan["quota"];
  readonly violations: readonly Violation[];
}

/** Stands before whatever uses an institution's quota. Asked by its own viewer, or by the platform's machinery. */
@Injectable()
export class QuotaGuard {
  constructor(
    private readonly quotas: QuotasRepository,
    private readonly use: QuotaUseRepository,
    private readonly prices: PricesRepository,
  ) {}

  /** What a job would want, and what would be refused. Takes nothing. */
  async look(tx: Tx, institutionId: string, want: JobWant): Promise<QuotaAnswer> {
    const now = new Date();
    const quota = await this.quotas.find(tx, institutionId);
    const wanted = await this.wanted(tx, want, now);
    const cost =
      want.estimate === null
        ? null
        : {
            currency: await this.prices.currency(tx),
            low: await this.use.cost(tx, want.estimate.seconds.low * want.places, now),
            high: wanted.money,
          };
    if (quota === null) return { cost, quota: [], violations: [] };
    const use = await this.use.of(tx, institutionId, now);
    const lines = (["gpuHours", "money", "jobsQueued"] as const).flatMap((dimension) => {
      const limit = quota.limits[dimension];
      if (limit === null) return [];
      const left = leftOf(limit, use.used[dimension] + use.reserved[dimension]);
      return [{ dimension, wanted: wanted[dimension], left, stop: limit.stop }];
    });
    return { cost, quota: lines, violations: checkQuota(wanted, use, quota.limits) };
  }

  /**
   * Lets a job in, or refuses it. Nobody else of the institution is let in until this transaction ends, so that of two requests for the last
   * unit one is refused. @throws Refusal `limited`
   */
  async admitJob(tx: Tx, institutionId: string, want: JobWant): Promise<void> {
    await this.quotas.lock(tx, institutionId);
    const quota = await this.quotas.find(tx, institutionId);
    if (quota === null) return;
    const now = new Date();
    const wanted = await this.wanted(tx, want, now);
    refuseIfAny(checkQuota(wanted, await this.use.of(tx, institutionId, now), quota.limits), "limited");
  }

  /** Bytes the institution may still store; null without a limit. */
  async room(tx: Tx, institutionId: string): Promise<number | null> {
    const stop = (await this.quotas.find(tx, institutionId))?.limits.storageBytes?.stop;
    return stop === undefined ? null : stop - (await this.use.storage(tx, institutionId));
  }

  /** Lets bytes in that are here, one upload of the institution at a time. @throws Refusal `limited` */
  async admitBytes(tx: Tx, institutionId: string, bytes: number): Promise<void> {
    const quota = await this.quotas.find(tx, institutionId);
    if ((quota?.limits.storageBytes ?? null) === null) return;
    await this.quotas.lock(tx, institutionId);
    await this.refuseBytes(tx, institutionId, bytes);
  }

  /** Refuses bytes before they are taken. @throws Refusal `limited` */
  async refuseBytes(tx: Tx, institutionId: string, bytes: number): Promise<void> {
    const quota = await this.quotas.find(tx, institutionId);
    if ((quota?.limits.storageBytes ?? null) === null || quota === null) return;
    const used = { ...NOTHING, storageBytes: await this.use.storage(tx, institutionId) };
    refuseIfAny(checkQuota({ ...NOTHING, storageBytes: bytes }, { used, reserved: NOTHING }, quota.limits), "limited");
  }

  /** Its places, the estimate's upper end on all of them, and room for a result of a size that nobody knows yet. */
  private async wanted(tx: Tx, { estimate, places, storesResult }: JobWant, now: Date): Promise<Amounts> {
    const seconds = (estimate?.seconds.high ?? 0) * places;
    return {
      gpus: places,
      gpuHours: Math.round((seconds / 3600) * 10_000) / 10_000,
      money: await this.use.cost(tx, seconds, now),
      jobsQueued: 1,
      storageBytes: storesResult ? 1 : 0,
    };
  }
}
