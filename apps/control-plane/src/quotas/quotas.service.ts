import { Injectable } from "@nestjs/common";
import type { PriorityClass, Quota, QuotaEffect, QuotaLimits } from "@ziggurat/contracts";
import { barsOf, monthOf, passedOf, QUOTA_DECIDERS, QUOTA_PROPOSERS } from "@ziggurat/scheduling";
import { PricesRepository } from "../metering/prices.repository.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { effectOf, type WaitingPlaces } from "./quota-effect.js";
import { QuotaUseRepository } from "./quota-use.repository.js";
import { QuotasRepository } from "./quotas.repository.js";

/** What institutions may use and what they use, and what a change would do before anybody makes it. */
@Injectable()
export class Quotas {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly quotas: QuotasRepository,
    private readonly use: QuotaUseRepository,
    private readonly prices: PricesRepository,
  ) {}

  async get(viewer: Viewer, slug: string): Promise<Quota> {
    return this.counted(viewer, slug, async (tx, institutionId) => {
      const now = new Date();
      const row = await this.quotas.find(tx, institutionId);
      const limits = row?.limits ?? null;
      const isProposer = mayPropose(viewer, slug);
      return {
        institution: slug,
        revision: row?.revision ?? 0,
        limits,
        period: monthOf(now),
        currency: await this.prices.currency(tx),
        uses: barsOf(await this.use.of(tx, institutionId, now), limits, passedOf(now)),
        setAt: row?.set_at.toISOString() ?? null,
        setBy: row?.set_by ?? null,
        whoCanRaise: { propose: [...QUOTA_PROPOSERS], decide: [...QUOTA_DECIDERS] },
        mayPropose: isProposer,
        mayDecide: hasRole(viewer, ...QUOTA_DECIDERS),
      };
    });
  }

  /** What these limits would do. Writes nothing. */
  preview(viewer: Viewer, slug: string, limits: QuotaLimits): Promise<QuotaEffect> {
    return this.counted(viewer, slug, async (tx, institutionId) => {
      const now = new Date();
      const row = await this.quotas.find(tx, institutionId);
      const use = await this.use.of(tx, institutionId, now);
      const waiting = await waitingOf(tx, institutionId);
      return effectOf({ revision: row?.revision ?? 0, limits: row?.limits ?? null, use, waiting, now }, limits);
    });
  }

  /** The institution, as far as the viewer may look into it. @throws Refusal `hidden` */
  async institution(tx: Tx, slug: string): Promise<string> {
    const isForeign = tx.viewer.reach === "tenant" && slug !== tx.viewer.institutionSlug;
    const found = isForeign ? null : await this.quotas.institution(tx, slug);
    if (found === null) throw hidden();
    return found.id;
  }

  /** Counts for one institution, past the policies that keep contents from the platform's people: a sum of bytes is none. */
  private async counted<T>(viewer: Viewer, slug: string, read: (tx: Tx, institutionId: string) => Promise<T>): Promise<T> {
    const institutionId = await this.unitOfWork.run(viewer, (tx) => this.institution(tx, slug));
    return this.unitOfWork.snapshot(systemViewer(institutionId, slug, "quotas"), (tx) => read(tx, institutionId));
  }
}

/** Whether the viewer proposes changes of this institution's quota. */
export function mayPropose(viewer: Viewer, slug: string): boolean {
  return hasRole(viewer, "platform_admin") || (viewer.institutionSlug === slug && hasRole(viewer, ...QUOTA_PROPOSERS));
}

async function waitingOf(tx: Tx, institutionId: string): Promise<WaitingPlaces[]> {
  const rows = await tx.query<{ id: string; priority: PriorityClass; places: number; queued_at: Date; waiting_since: Date | null }>(
    "select id, priority, places, queued_at, waiting_since from jobs where institution_id = $1 and state = 'queued'",
    [institutionId],
  );
  return rows.map(({ id, priority, places, queued_at, waiting_since }) => ({
    ...{ id, priority, places },
    queuedAt: queued_at.getTime(),
    waitingSince: (waiting_since ?? queued_at).getTime(),
  }));
}
