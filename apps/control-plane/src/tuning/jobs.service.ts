import { Injectable } from "@nestjs/common";
import type { Job, ListJobs, Page } from "@ziggurat/contracts";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { JobViews } from "./job-views.js";
import { JobsRepository } from "./jobs.repository.js";

/** Reads jobs. */
@Injectable()
export class JobsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly views: JobViews,
    private readonly cursors: Cursors,
  ) {}

  async list(viewer: Viewer, query: ListJobs): Promise<Page<Job>> {
    const { limit, cursor, include, ...filter } = query;
    const binding = boundTo(viewer, `jobs?${new URLSearchParams(Object.entries(filter)).toString()}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.jobs.list(tx, query, before === undefined ? null : String(before));
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      const total = include === "total" ? { total: await this.jobs.count(tx, query) } : {};
      return { data: await this.views.of(tx, page.data), nextCursor: page.nextCursor, ...total };
    });
  }

  /** @throws Refusal `hidden` */
  async get(viewer: Viewer, id: string): Promise<Job> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.jobs.find(tx, id);
      const [job] = row === null ? [] : await this.views.of(tx, [row]);
      if (job === undefined) throw hidden();
      return job;
    });
  }
}
