import { Injectable } from "@nestjs/common";
import { costOf, monthOf, priceAt } from "@ziggurat/scheduling";
import type { Tx } from "../platform/database/unit-of-work.js";
import { MeteringRepository } from "./metering.repository.js";
import { clusterSubject, PricesRepository } from "./prices.repository.js";

/** What each attempt is charged: exactly one row, in the transaction that ends it. */
@Injectable()
export class Metering {
  constructor(
    private readonly metering: MeteringRepository,
    private readonly prices: PricesRepository,
  ) {}

  /** Charges an attempt that ends in this transaction, however it ended; charged before, nothing is written. */
  async charge(tx: Tx, attemptId: string): Promise<void> {
    const attempt = await this.metering.ended(tx, attemptId);
    if (attempt === null) throw new Error(`Attempt ${attemptId} has not ended.`);
    const price = priceAt(await this.prices.of(tx, clusterSubject(attempt.cluster)), attempt.started_at);
    const milliseconds = Number(attempt.milliseconds);
    const ofMonth = monthOf(attempt.ended_at);
    await this.metering.insert(tx, {
      institutionId: attempt.institution_id,
      kind: "attempt",
      attemptId,
      jobId: attempt.job_id,
      modelId: attempt.model_id,
      versionId: attempt.version_id,
      scenario: attempt.scenario,
      unit: attempt.unit,
      milliseconds,
      price,
      cost: costOf(milliseconds, price),
      currency: await this.prices.currency(tx),
      month: await this.metering.openMonth(tx, ofMonth),
      ofMonth,
      reason: "",
    });
  }
}
