import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { DataSource } from "typeorm";
import { Refusal } from "../errors/refusal.js";
import { QueueService } from "../queue/queue.service.js";

@Injectable()
export class HealthService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly queue: QueueService,
  ) {}

  /** @throws Refusal `unavailable` (503) naming each part that does not answer */
  async check(): Promise<void> {
    const [database, queue] = await Promise.allSettled([this.dataSource.query("select 1"), this.queue.ping()]);
    const away = [...(database.status === "rejected" ? ["database"] : []), ...(queue.status === "rejected" ? ["queue"] : [])];
    if (away.length === 0) return;
    throw new Refusal(
      "unavailable",
      `Not answering: ${away.join(", ")}.`,
      away.map((part) => ({ code: "away", detail: part })),
      { "retry-after": "2" },
    );
  }
}
