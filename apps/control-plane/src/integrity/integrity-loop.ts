import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { SealBaselines } from "./seal-baselines.service.js";
import { VerifyVersion } from "./verify-version.service.js";

const TAKE_UP_MS = 5000;
const SCHEDULE_MS = 60_000;
const BASELINES_MS = 500;

/** In the worker role: takes up readings that wait, and asks for those that are due by the calendar; makes baselines of older versions. */
@Injectable()
export class IntegrityLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: Loop[] = [];

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly verify: VerifyVersion,
    private readonly baselines: SealBaselines,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    this.loops.push(
      new Loop("verifications", TAKE_UP_MS, () => this.verify.enqueueDue()),
      new Loop("verification schedule", SCHEDULE_MS, () => this.verify.schedule()),
      new Loop("seal baselines", BASELINES_MS, () => this.baselines.makeSome()),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
