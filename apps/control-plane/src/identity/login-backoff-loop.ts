import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { LoginBackoff } from "./login-backoff.service.js";

const EVERY_MS = 60_000;

/** In the worker role: puts tries that were turned away into the audit log, and forgets old streaks. */
@Injectable()
export class LoginBackoffLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly backoff: LoginBackoff,
  ) {}

  onApplicationBootstrap(): void {
    if (isWorker(this.runtime)) this.loop = new Loop("sign-in streaks", EVERY_MS, () => this.backoff.noteQuiet());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }
}
