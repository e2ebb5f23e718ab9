import { Injectable } from "@nestjs/common";
import { Charge, type CorrectCharge } from "@ziggurat/contracts";
import { costOf, monthOf, nextMonth, priceAt } from "@ziggurat/scheduling";
import type { Tx } from "../platform/database/unit-of-work.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { MeteringRepository } from "./metering.repository.js";
import { clusterSubject, PricesRepository } from "./prices.repository.js";

/** What each attempt is charged: exactly one row, in the transaction that ends it. Corrections are rows of their own. */
@Injectable()
export class Metering {
  constructor(
    private readonly unitOfWork: UnitOfWork,
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
      month: await this.openMonth(tx, ofMonth),
      ofMonth,
      reason: "",
    });
  }

  /** Takes back a part of what a job was charged, never more than all of it. */
  correct(viewer: Viewer, slug: string, { job, amount, reason }: CorrectCharge): Promise<Charge> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const isForeign = viewer.reach === "tenant" && slug !== viewer.institutionSlug;
      const [institution] = isForeign ? [] : await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
      if (institution === undefined) throw hidden();
      if (!hasRole(viewer, "platform_admin")) {
        const detail = "needs the role platform_admin at platform";
        throw new Refusal("denied", `Charges are corrected by platform administrators: ${detail}.`, [{ code: "role", detail }]);
      }
      const charged = await this.metering.chargedOf(tx, institution.id, job);
      if (charged === null) {
        const detail = `${slug} was charged nothing for ${job}`;
        throw new Refusal("rule", detail, [{ code: "charge_unknown", detail, pointer: "/job" }]);
      }
      if (Number(charged.cost) + amount < 0) {
        const detail = `${job} was charged ${charged.cost} in all; no more can be taken back`;
        throw new Refusal("rule", detail, [{ code: "correction_exceeds", detail, pointer: "/amount" }]);
      }
      const month = await this.openMonth(tx, charged.of_month);
      const currency = await this.prices.currency(tx);
      const id = await this.metering.insert(tx, {
        institutionId: institution.id,
        kind: "correction",
        attemptId: null,
        jobId: job,
        modelId: charged.model_id,
        versionId: charged.version_id,
        scenario: charged.scenario,
        unit: charged.unit,
        milliseconds: 0,
        price: 0,
        cost: amount,
        currency,
        month,
        ofMonth: charged.of_month,
        reason,
      });
      if (id === null) throw new Error("A correction is never a repetition.");
      await tx.audit({ institutionId: institution.id, action: "charge.correct", object: job, reason, after: { id, amount, month } });
      const lateFor = month === charged.of_month ? null : charged.of_month;
      const at = (await this.metering.at(tx, id)).toISOString();
      return Charge.parse({ id, kind: "correction", job, version: charged.version, amount, currency, month, lateFor, reason, at });
    });
  }

  /** The month itself, or the first one after it that is not closed. */
  private async openMonth(tx: Tx, month: string): Promise<string> {
    let open = month;
    while (await this.metering.isClosed(tx, open)) open = nextMonth(open);
    return open;
  }
}
