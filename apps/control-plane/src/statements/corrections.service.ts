import { Injectable } from "@nestjs/common";
import { Charge, type CorrectCharge, type CorrectionPreview, type PreviewCorrection } from "@ziggurat/contracts";
import { MeteringRepository } from "../metering/metering.repository.js";
import { PricesRepository } from "../metering/prices.repository.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { StatementsRepository } from "./statements.repository.js";

/** Takes back parts of what jobs were charged. Each is a row of its own in an open month: nothing that was charged is changed. */
@Injectable()
export class Corrections {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly metering: MeteringRepository,
    private readonly statements: StatementsRepository,
    private readonly prices: PricesRepository,
  ) {}

  /** What it would come to. Writes nothing, and is refused as the correction would be. */
  preview(viewer: Viewer, slug: string, { job, amount }: PreviewCorrection): Promise<CorrectionPreview> {
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      const institutionId = await this.institution(tx, slug);
      const charged = await this.charged(tx, { institutionId, slug, job, amount });
      const month = await this.metering.openMonth(tx, charged.of_month);
      const lines = [
        ...(await this.statements.charged(tx, month, institutionId)),
        ...(await this.statements.stored(tx, month, institutionId)),
      ];
      const total = lines.reduce((sum, { cost }) => sum + cost, 0);
      const cost = Number(charged.cost);
      return {
        currency: await this.prices.currency(tx),
        charged: { before: cost, after: cost + amount },
        month,
        lateFor: month === charged.of_month ? null : charged.of_month,
        total: { before: total, after: total + amount },
      };
    });
  }

  /**
   * Takes back a part of what a job was charged, never more than all of it.
   * @throws Refusal `stale` when it would not fall into the month that was looked at
   */
  correct(viewer: Viewer, slug: string, { job, amount, reason, month: seen }: CorrectCharge): Promise<Charge> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = await this.institution(tx, slug);
      await this.metering.lockJob(tx, institutionId, job);
      const charged = await this.charged(tx, { institutionId, slug, job, amount });
      const month = await this.metering.openMonth(tx, charged.of_month);
      if (seen !== undefined && seen !== month) {
        const detail = `it would fall into ${month}, not into ${seen}; look again`;
        throw new Refusal("stale", detail, [{ code: "correction_month", detail, pointer: "/month" }]);
      }
      const currency = await this.prices.currency(tx);
      const id = await this.metering.insert(tx, {
        institutionId,
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
      await tx.audit({ institutionId, action: "charge.correct", object: job, reason, after: { id, amount, month } });
      const lateFor = month === charged.of_month ? null : charged.of_month;
      const at = (await this.metering.at(tx, id)).toISOString();
      return Charge.parse({ id, kind: "correction", job, version: charged.version, amount, currency, month, lateFor, reason, at });
    });
  }

  /** The institution, for those who correct what it was charged. @throws Refusal `hidden`, `denied` */
  private async institution(tx: Tx, slug: string): Promise<string> {
    const { viewer } = tx;
    const isForeign = viewer.reach === "tenant" && slug !== viewer.institutionSlug;
    const found = isForeign ? null : await this.statements.institution(tx, slug);
    if (found === null) throw hidden();
    if (hasRole(viewer, "platform_admin")) return found.id;
    const detail = "needs the role platform_admin at platform";
    throw new Refusal("denied", `Charges are corrected by platform administrators: ${detail}.`, [{ code: "role", detail }]);
  }

  /** What the job was charged so far. @throws Refusal `rule` when that is nothing, or less than is to be taken back */
  private async charged(tx: Tx, { institutionId, slug, job, amount }: Claim) {
    const charged = await this.metering.chargedOf(tx, institutionId, job);
    if (charged === null) {
      const detail = `${slug} was charged nothing for ${job}`;
      throw new Refusal("rule", detail, [{ code: "charge_unknown", detail, pointer: "/job" }]);
    }
    if (Number(charged.cost) + amount < 0) {
      const detail = `${job} was charged ${charged.cost} in all; no more can be taken back`;
      throw new Refusal("rule", detail, [{ code: "correction_exceeds", detail, pointer: "/amount" }]);
    }
    return charged;
  }
}

interface Claim {
  readonly institutionId: string;
  readonly slug: string;
  readonly job: string;
  readonly amount: number;
}
