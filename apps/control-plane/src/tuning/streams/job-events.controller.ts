import { Controller, Get, Param, Query, Req, Res } from "@nestjs/common";
import { ApiProduces, ApiTags } from "@nestjs/swagger";
import { JobId } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { JobStreams } from "./job-streams.service.js";

const JobPath = z.strictObject({ id: JobId });
const StreamQuery = z.strictObject({
  /** Where to go on, for readers that cannot send the header `Last-Event-ID`. */
  last_event_id: z.coerce.number().int().min(0).optional(),
});
const LastEventId = z.coerce.number().int().min(0).catch(0);

@ApiTags("tuning")
@Controller("api/v1/jobs")
export class JobEventsController {
  constructor(private readonly streams: JobStreams) {}

  /** Server-sent events: everything after the given place, then whatever happens, until the job has ended. */
  @Get(":id/events")
  @RequireScope("jobs:read")
  @ApiProduces("text/event-stream")
  async events(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: JobPath }) path: z.infer<typeof JobPath>,
    @Query({ schema: StreamQuery }) query: z.infer<typeof StreamQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const after = query.last_event_id ?? LastEventId.parse(request.headers["last-event-id"] ?? 0);
    await this.streams.open(viewer, path.id, after, request, reply);
  }
}
