import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { ImportId } from "@ziggurat/contracts";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { Loop } from "../../platform/loop.js";
import { takeDue } from "../../platform/queue/take-due.js";
import { isWorker, RUNTIME, type Runtime } from "../../platform/runtime.js";
import { IMPORTER } from "./importer.js";

const EVERY_MS = 1000;
/** Seconds after which a row that was enqueued and not looked at is enqueued again: its message was lost. */
const AGAIN_SECONDS = 15;

/** In the worker role: enqueues every import whose row says it is due, whatever became of earlier messages and processes. */
@Injectable()
export class ImportReconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("imports", EVERY_MS, () => this.enqueueDue());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  /** @returns how many imports were enqueued */
  enqueueDue(): Promise<number> {
    return this.unitOfWork.run(IMPORTER, async (tx) => {
      const due = await takeDue(tx, "imports", AGAIN_SECONDS);
      for (const id of due) await tx.enqueue("import.advance", { importId: ImportId.parse(id) });
      return due.length;
    });
  }
}
