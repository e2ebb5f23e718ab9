import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { KeyRotation } from "./key-rotation.service.js";

/** Once at the start; later turns find what a process with the old key wrote in between. */
const EVERY_MS = 15 * 60_000;

/** In the worker role: closes secrets under the key that is set. */
@Injectable()
export class KeyRotationLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly rotation: KeyRotation,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("key rotation", EVERY_MS, () => this.rotation.run());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }
}
