import { Module } from "@nestjs/common";
import { QueueModule } from "../queue/queue.module.js";
import { HealthController } from "./health.controller.js";
import { HealthService } from "./health.service.js";
import { MetricsService } from "./metrics.service.js";

@Module({ imports: [QueueModule], controllers: [HealthController], providers: [HealthService, MetricsService] })
export class HealthModule {}
