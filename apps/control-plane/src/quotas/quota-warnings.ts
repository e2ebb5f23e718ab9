import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import type { QuotaUse } from "@ziggurat/contracts";
import { barsOf, monthOf, passedOf } from "@ziggurat/scheduling";
import { Notices } from "../notices/notices.service.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { QuotaUseRepository } from "./quota-use.repository.js";
import { QuotasRepository } from "./quotas.repository.js";

const TELL_MS = 30_000;
const FULL_PERCENT = 100;

/** In the worker role: tells institutions when they come near a limit and when they reach it, once for each in a month. */
@Injectable()
export class QuotaWarnings implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly unitOfWork: UnitOfWork,
    private readonly quotas: QuotasRepository,
    private readonly use: QuotaUseRepository,
    private readonly notices: Notices,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("quota warnings", TELL_MS, () => this.run(new Date()));
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  /** @returns how many notices were written */
  async run(now: Date): Promise<number> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "quotas"), async (tx) => {
      let written = 0;
      for (const { institution_id, institution, limits } of await this.quotas.all(tx)) {
        const bars = barsOf(await this.use.of(tx, institution_id, now), limits, passedOf(now));
        for (const bar of bars.filter(({ state }) => state !== "within")) {
          const isFull = bar.state === "full";
          const threshold = isFull ? FULL_PERCENT : (bar.limit?.warnPercent ?? FULL_PERCENT);
          if (!(await this.quotas.warn(tx, institution_id, bar.dimension, monthOf(now), threshold))) continue;
          const reason = wordsOf(bar, monthOf(now));
          await this.notices.tell(tx, {
            institutionId: institution_id,
            kind: isFull ? "quota_full" : "quota_warning",
            subject: institution,
            recallId: null,
            reason,
            acknowledgeBy: null,
            versions: 0,
          });
          await tx.audit({ institutionId: institution_id, action: "quota.warn", object: institution, reason });
          written += 1;
        }
      }
      return written;
    });
  }
}

function wordsOf({ dimension, used, reserved, limit, percent }: QuotaUse, month: string): string {
  return `${dimension} ${month}: ${percent} % of ${limit?.stop} (${used} used, ${reserved} reserved)`;
}
