import { Injectable } from "@nestjs/common";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { PLATFORM_ID, PLATFORM_SLUG } from "../database/ids.js";
import { UnitOfWork } from "../database/unit-of-work.js";
import { systemViewer } from "../database/viewer.js";

const observer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "metrics");

/** Figures in Prometheus' text form. Rows are counted when asked, not all the time. */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: "ziggurat_http_request_duration_seconds",
    help: "Duration of answered requests by route",
    labelNames: ["method", "route", "status"],
    registers: [this.registry],
  });

  constructor(private readonly unitOfWork: UnitOfWork) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge(
      "ziggurat_outbox_waiting",
      "Messages that have not left yet",
      "select count(*)::int as n from outbox where dispatched_at is null",
    );
    this.gauge("ziggurat_audit_pending", "Audit entries not chained yet", "select count(*)::int as n from audit_pending");
  }

  /** @param seconds from the first byte in to the last byte out */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status }, seconds);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private gauge(name: string, help: string, sql: string): void {
    const { unitOfWork } = this;
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        const [row] = await unitOfWork.run(observer, (tx) => tx.query<{ n: number }>(sql));
        this.set(row?.n ?? 0);
      },
    });
  }
}
