import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { priceAt } from "@ziggurat/scheduling";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { MeteringRepository } from "./metering.repository.js";
import { PricesRepository, STORAGE } from "./prices.repository.js";

const EVERY_MS = 600_000;

/** In the worker role: writes once a day what each institution stores. A day on which the platform does not run is not charged. */
@Injectable()
export class StorageMeter implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly unitOfWork: UnitOfWork,
    private readonly metering: MeteringRepository,
    private readonly prices: PricesRepository,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("storage meter", EVERY_MS, () => this.run(new Date()));
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  /** @returns how many institutions were written down now; on the same day again, none */
  async run(now: Date): Promise<number> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "storage meter"), async (tx) => {
      const price = priceAt(await this.prices.of(tx, STORAGE), now);
      return this.metering.recordStorage(tx, now.toISOString().slice(0, 10), price);
    });
  }
}
