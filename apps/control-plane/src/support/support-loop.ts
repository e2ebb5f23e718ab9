import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { SupportNotices } from "./support-notices.service.js";

const TELL_MS = 30_000;

/** In the worker role: tells of ends of support as they come nearer. */
@Injectable()
export class SupportLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly notices: SupportNotices,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("ends of support", TELL_MS, () => this.notices.run(new Date()));
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }
}
