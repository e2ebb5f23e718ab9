import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { JobId } from "@ziggurat/contracts";
import type { Subscription } from "rxjs";
import { ClusterWatch } from "../../clusters/cluster-watch.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { Loop } from "../../platform/loop.js";
import { takeDue } from "../../platform/queue/take-due.js";
import { isWorker, RUNTIME, type Runtime } from "../../platform/runtime.js";
import { Admission } from "./admission.service.js";

const EVERY_MS = 1000;
/** Seconds until those who wait are looked at again, should nothing else cause it: windows open, reservations begin, waits grow. */
const ADMIT_SECONDS = 15;
/** Seconds after which a row that was enqueued and not looked at is enqueued again: its message was lost. */
const LEASE_SECONDS = 30;

/** In the worker role: enqueues every job whose row says it is due, whatever became of earlier messages. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;
  private admitting: Loop | null = null;
  private changes: Subscription | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly unitOfWork: UnitOfWork,
    private readonly admission: Admission,
    private readonly clusters: ClusterWatch,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    this.loop = new Loop("reconciler", EVERY_MS, () => this.enqueueDue());
    this.admitting = new Loop("admission", ADMIT_SECONDS * 1000, () => this.admission.run());
    this.changes = this.clusters.changes.subscribe(() => this.admitting?.wake());
  }

  async onModuleDestroy(): Promise<void> {
    this.changes?.unsubscribe();
    await Promise.all([this.loop?.stop(), this.admitting?.stop()]);
  }

  /** @returns how many jobs were enqueued */
  async enqueueDue(): Promise<number> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "reconciler"), async (tx) => {
      const due = await takeDue(tx, "jobs", LEASE_SECONDS);
      for (const id of due) await tx.enqueue("job.advance", { jobId: JobId.parse(id) });
      return due.length;
    });
  }
}
