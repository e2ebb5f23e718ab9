import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { CollectGarbageWork } from "./collect-garbage.service.js";

const TAKE_UP_MS = 5000;

/** In the worker role: takes up collections that wait, also those whose worker was killed. */
@Injectable()
export class GarbageLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly work: CollectGarbageWork,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("garbage", TAKE_UP_MS, () => this.work.enqueueDue());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }
}
