import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CreateJob,
  Job,
  JobActionRequest,
  JobId,
  ListJobs,
  Logs,
  LogsQuery,
  Metrics,
  MetricsQuery,
  type Page,
  Plan,
  pageOf,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { JobActions } from "./job-actions.service.js";
import { JobsService } from "./jobs.service.js";
import { JobRequests } from "./requests/job-requests.service.js";
import { JobRecords } from "./streams/job-records.service.js";

const JobPath = z.strictObject({ id: JobId });
type JobPath = z.infer<typeof JobPath>;

@ApiTags("tuning")
@Controller("api/v1")
export class JobsController {
  constructor(
    private readonly requests: JobRequests,
    private readonly jobs: JobsService,
    private readonly actions: JobActions,
    private readonly records: JobRecords,
  ) {}

  @Post("plans")
  @HttpCode(200)
  @RequireScope("jobs:write")
  @ApiResponse({ status: 200, standardSchema: Plan })
  plan(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateJob }) body: CreateJob): Promise<Plan> {
    return this.requests.plan(viewer, body);
  }

  @Post("jobs")
  @RequireScope("jobs:write")
  @ApiResponse({ status: 201, standardSchema: Job })
  request(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateJob }) body: CreateJob): Promise<Job> {
    return this.requests.request(viewer, body);
  }

  @Get("jobs")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Job) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListJobs }) query: ListJobs): Promise<Page<Job>> {
    return this.jobs.list(viewer, query);
  }

  @Get("jobs/:id")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: Job })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: JobPath }) path: JobPath): Promise<Job> {
    return this.jobs.get(viewer, path.id);
  }

  @Post("jobs/:id/approve")
  @HttpCode(200)
  @RequireScope("jobs:approve")
  @ApiResponse({ status: 200, standardSchema: Job })
  approve(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Body({ schema: JobActionRequest.prefault({}) }) body: JobActionRequest,
  ): Promise<Job> {
    return this.actions.act(viewer, path.id, "approve", body.reason);
  }

  @Post("jobs/:id/cancel")
  @HttpCode(200)
  @RequireScope("jobs:write")
  @ApiResponse({ status: 200, standardSchema: Job })
  cancel(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Body({ schema: JobActionRequest.prefault({}) }) body: JobActionRequest,
  ): Promise<Job> {
    return this.actions.act(viewer, path.id, "cancel", body.reason);
  }

  @Post("jobs/:id/pause")
  @HttpCode(200)
  @RequireScope("jobs:write")
  @ApiResponse({ status: 200, standardSchema: Job })
  pause(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Body({ schema: JobActionRequest.prefault({}) }) body: JobActionRequest,
  ): Promise<Job> {
    return this.actions.act(viewer, path.id, "pause", body.reason);
  }

  @Post("jobs/:id/resume")
  @HttpCode(200)
  @RequireScope("jobs:write")
  @ApiResponse({ status: 200, standardSchema: Job })
  resume(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Body({ schema: JobActionRequest.prefault({}) }) body: JobActionRequest,
  ): Promise<Job> {
    return this.actions.act(viewer, path.id, "resume", body.reason);
  }

  @Post("jobs/:id/retry")
  @HttpCode(200)
  @RequireScope("jobs:write")
  @ApiResponse({ status: 200, standardSchema: Job })
  retry(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Body({ schema: JobActionRequest.prefault({}) }) body: JobActionRequest,
  ): Promise<Job> {
    return this.actions.act(viewer, path.id, "retry", body.reason);
  }

  @Get("jobs/:id/logs")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: Logs })
  logs(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Query({ schema: LogsQuery }) query: LogsQuery,
  ): Promise<Logs> {
    return this.records.logs(viewer, path.id, query);
  }

  @Get("jobs/:id/metrics")
  @RequireScope("jobs:read")
  @ApiResponse({ status: 200, standardSchema: Metrics })
  metrics(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: JobPath,
    @Query({ schema: MetricsQuery }) query: MetricsQuery,
  ): Promise<Metrics> {
    return this.records.metrics(viewer, path.id, query);
  }
}
