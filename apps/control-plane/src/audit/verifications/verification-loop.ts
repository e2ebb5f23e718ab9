import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../../platform/runtime.js";
import { Verifications } from "./verifications.service.js";

/** Looked for this often; somebody watches the progress bar. */
const EVERY_MS = 1000;

@Injectable()
export class VerificationLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;
  private isStopping = false;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly verifications: Verifications,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime))
      this.loop = new Loop("audit verifications", EVERY_MS, () => this.verifications.walkWaiting(() => this.isStopping));
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.loop?.stop();
  }
}
