import { Module } from "@nestjs/common";
import { DiscoveryModule } from "@nestjs/core";
import { QueueService } from "./queue.service.js";
import { QueueHandlers } from "./queue-handlers.js";

@Module({ imports: [DiscoveryModule], providers: [QueueHandlers, QueueService], exports: [QueueService] })
export class QueueModule {}
