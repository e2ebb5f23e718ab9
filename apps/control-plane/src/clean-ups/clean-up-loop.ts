import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { CleanUpAdvance } from "./clean-up-advance.service.js";

const TAKE_UP_MS = 5000;

/** In the worker role: takes up clean-ups that wait. */
@Injectable()
export class CleanUpLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly advance: CleanUpAdvance,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("clean-ups", TAKE_UP_MS, () => this.advance.enqueueDue());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }
}
