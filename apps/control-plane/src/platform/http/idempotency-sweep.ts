import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../loop.js";
import { isWorker, RUNTIME, type Runtime } from "../runtime.js";
import { IdempotencyRepository } from "./idempotency.repository.js";

const EVERY_MS = 3_600_000;
const BATCH = 5_000;

/** Clears keys away that are past their time; until then a key past its time counts as new. */
@Injectable()
export class IdempotencySweep implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;
  private isStopping = false;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly keys: IdempotencyRepository,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("idempotency keys", EVERY_MS, () => this.sweep());
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await this.loop?.stop();
  }

  private async sweep(): Promise<void> {
    while (!this.isStopping && (await this.keys.sweep(BATCH)) === BATCH);
  }
}
