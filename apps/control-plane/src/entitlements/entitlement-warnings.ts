import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { WARNING_DAYS } from "@ziggurat/institution";
import { supportStep } from "@ziggurat/pyramid";
import { Notices } from "../notices/notices.service.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { EntitlementsRepository } from "./entitlements.repository.js";

const TELL_MS = 30_000;
const BATCH = 100;

/** In the worker role: warns the holders of entitlements before they end, once per step. */
@Injectable()
export class EntitlementWarnings implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly unitOfWork: UnitOfWork,
    private readonly entitlements: EntitlementsRepository,
    private readonly notices: Notices,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("ends of entitlements", TELL_MS, () => this.run(new Date()));
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  /** However late it runs, the newest step alone is told. @returns how many notices were written */
  async run(now: Date): Promise<number> {
    const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "entitlements");
    return this.unitOfWork.run(viewer, async (tx) => {
      let written = 0;
      for (const row of await this.entitlements.ending(tx, now, Math.max(...WARNING_DAYS), WARNING_DAYS.length, BATCH)) {
        if (row.ends_at === null) continue;
        const step = supportStep(row.ends_at, now, WARNING_DAYS);
        if (step <= row.told) continue;
        await this.entitlements.setTold(tx, row.id, step);
        await this.notices.tell(tx, {
          institutionId: row.institution_id,
          kind: "entitlement_end",
          subject: row.subject,
          recallId: null,
          reason: `the entitlement ends ${row.ends_at.toISOString().slice(0, 10)}: ${row.reason}`,
          acknowledgeBy: null,
          // A notice is told once per step; another entitlement of the same subject has steps of its own.
          step: Math.floor(row.ends_at.getTime() / 86_400_000) * 10 + step,
          versions: row.task_models,
        });
        written += 1;
      }
      return written;
    });
  }
}
