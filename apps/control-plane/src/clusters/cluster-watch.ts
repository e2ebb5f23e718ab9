import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { type Observable, Subject } from "rxjs";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Loop } from "../platform/loop.js";
import { isWorker, RUNTIME, type Runtime } from "../platform/runtime.js";
import { CLUSTER_DRIVERS, type ClusterDrivers, LOCAL_CLUSTER } from "./cluster-drivers.js";
import { ClustersRepository } from "./clusters.repository.js";

const EVERY_MS = 3000;

/** In the worker role: registers this machine as a cluster and keeps asking every engine how it is. */
@Injectable()
export class ClusterWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private loop: Loop | null = null;
  private readonly changed = new Subject<void>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, "local">,
    @Inject(RUNTIME) private readonly runtime: Pick<Runtime, "role">,
    @Inject(CLUSTER_DRIVERS) private readonly drivers: ClusterDrivers,
    private readonly unitOfWork: UnitOfWork,
    private readonly clusters: ClustersRepository,
  ) {}

  /** Emits when a cluster became healthy or unhealthy. */
  get changes(): Observable<void> {
    return this.changed;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!isWorker(this.runtime)) return;
    await this.unitOfWork.run(viewer, (tx) => this.clusters.register(tx, LOCAL_CLUSTER, "local", this.config.local.slots));
    this.loop = new Loop("clusters", EVERY_MS, () => this.look());
  }

  async onModuleDestroy(): Promise<void> {
    this.changed.complete();
    await this.loop?.stop();
  }

  private async look(): Promise<void> {
    for (const [name, driver] of this.drivers) {
      const health = await driver.health();
      if (await this.unitOfWork.run(viewer, (tx) => this.clusters.recordHealth(tx, name, health))) this.changed.next();
    }
  }
}

const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "clusters");
