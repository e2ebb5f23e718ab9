import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { AuditSealer } from "./audit-sealer.js";

/** Entries are chained within a second of their commit. */
const EVERY_MS = 400;
const LOOK_FOR_FORGOTTEN_MS = 3_600_000;

@Injectable()
export class SealLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: Loop[] = [];

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly sealer: AuditSealer,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    this.loops.push(
      new Loop("audit sealer", EVERY_MS, () => this.sealer.seal()),
      new Loop("audit sealer, forgotten entries", LOOK_FOR_FORGOTTEN_MS, () => this.sealer.noteForgotten()),
      new Loop("audit trees behind their chains", LOOK_FOR_FORGOTTEN_MS, () => this.sealer.growBehind()),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
