import { type DynamicModule, Global, Module } from "@nestjs/common";
import { CONFIG, type Config } from "./config.js";
import { DatabaseModule } from "./database/database.module.js";
import { Cursors } from "./http/cursor.js";
import { PublicAddress } from "./http/public-address.js";
import { RequestLimits } from "./limits/request-limits.js";
import { SharedLimits } from "./limits/shared-limits.js";
import { PgListener } from "./listen/pg-listener.js";
import { Outgoing } from "./outgoing/outgoing.js";
import { QueueModule } from "./queue/queue.module.js";
import { ANNOUNCE, type Announce, RUNTIME, type Runtime } from "./runtime.js";

/** What every feature may ask for: configuration, database, cursors, notifications. */
@Global()
@Module({})
export class PlatformModule {}

export const platformModule = (config: Config, runtime: Runtime, announce: Announce): DynamicModule => ({
  module: PlatformModule,
  imports: [DatabaseModule, QueueModule],
  providers: [
    { provide: CONFIG, useValue: config },
    { provide: RUNTIME, useValue: runtime },
    { provide: ANNOUNCE, useValue: announce },
    Cursors,
    { provide: Outgoing, useFactory: () => new Outgoing(config) },
    PgListener,
    PublicAddress,
    RequestLimits,
    SharedLimits,
  ],
  exports: [ANNOUNCE, CONFIG, RUNTIME, Cursors, Outgoing, PgListener, PublicAddress, RequestLimits],
});
