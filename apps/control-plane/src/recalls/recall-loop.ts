import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Escalations } from "../notices/escalations.service.js";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { RecallAdvance } from "./recall-advance.service.js";

const TAKE_UP_MS = 2000;
const ESCALATE_MS = 30_000;

/** In the worker role: takes up recalls that wait, and passes missed deadlines on. */
@Injectable()
export class RecallLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: Loop[] = [];

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly advance: RecallAdvance,
    private readonly escalations: Escalations,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    this.loops.push(
      new Loop("recalls", TAKE_UP_MS, () => this.advance.enqueueDue()),
      new Loop("missed deadlines", ESCALATE_MS, () => this.escalations.run(new Date())),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
