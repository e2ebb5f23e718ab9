import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { WriteExport } from "./archive/write-export.service.js";
import { Erasure } from "./erasure/erasure.service.js";

const TAKE_UP_MS = 5000;

/** In the worker role: takes up exports and erasures that are due, also those whose worker was killed. */
@Injectable()
export class ExitsLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly loops: Loop[] = [];

  constructor(
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    private readonly exports: WriteExport,
    private readonly erasure: Erasure,
  ) {}

  onApplicationBootstrap(): void {
    if (!isWorker(this.runtime)) return;
    this.loops.push(
      new Loop("exports of institutions", TAKE_UP_MS, () => this.exports.enqueueDue()),
      new Loop("erasures of institutions", TAKE_UP_MS, () => this.erasure.enqueueDue()),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }
}
