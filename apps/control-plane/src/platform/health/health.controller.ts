import { Controller, Get, Header } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { Public, RequireScope } from "../http/access.js";
import { HealthService } from "./health.service.js";
import { MetricsService } from "./metrics.service.js";

/** The MLflow release whose protocol clients may assume; our own version stands in the OpenAPI document. */
const MLFLOW_VERSION = "3.6.0";

/** For machines that watch us: alive, ready, figures; and the two answers MLflow clients look for. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: MetricsService,
  ) {}

  @Public({ isLimited: false })
  @Get("healthz")
  alive(): { status: "ok" } {
    return { status: "ok" };
  }

  @Public({ isLimited: false })
  @Get("readyz")
  async ready(): Promise<{ status: "ok" }> {
    await this.health.check();
    return { status: "ok" };
  }

  @RequireScope("admin")
  @Get("metrics")
  @Header("content-type", "text/plain; version=0.0.4; charset=utf-8")
  figures(): Promise<string> {
    return this.metrics.text();
  }

  @Public({ isLimited: false })
  @Get("health")
  @Header("content-type", "text/plain; charset=utf-8")
  mlflowHealth(): string {
    return "OK";
  }

  @Public({ isLimited: false })
  @Get("version")
  @Header("content-type", "text/plain; charset=utf-8")
  mlflowVersion(): string {
    return MLFLOW_VERSION;
  }
}
