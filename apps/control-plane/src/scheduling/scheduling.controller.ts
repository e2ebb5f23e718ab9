import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CreateReservation,
  CurrentSchedulingPolicy,
  EndReservation,
  idOf,
  ListReservations,
  type Page,
  pageOf,
  ReservationView,
  SetSchedulingPolicy,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { Reservations } from "./reservations.service.js";
import { SchedulingPolicies } from "./scheduling-policies.service.js";

const ReservationPath = z.strictObject({ id: idOf("reservation") });
type ReservationPath = z.infer<typeof ReservationPath>;

@ApiTags("clusters")
@Controller("api/v1")
export class SchedulingController {
  constructor(
    private readonly policies: SchedulingPolicies,
    private readonly reservations: Reservations,
  ) {}

  @Get("scheduling")
  @RequireScope("clusters:read")
  @ApiResponse({ status: 200, standardSchema: CurrentSchedulingPolicy })
  policy(@CurrentViewer() viewer: Viewer): Promise<CurrentSchedulingPolicy> {
    return this.policies.get(viewer);
  }

  @Put("scheduling")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: CurrentSchedulingPolicy })
  setPolicy(
    @CurrentViewer() viewer: Viewer,
    @Body({ schema: SetSchedulingPolicy }) body: SetSchedulingPolicy,
  ): Promise<CurrentSchedulingPolicy> {
    return this.policies.set(viewer, body);
  }

  /** What is held for the viewer's institution; of all, for the platform's people. */
  @Get("reservations")
  @RequireScope("clusters:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(ReservationView) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListReservations }) query: ListReservations): Promise<Page<ReservationView>> {
    return this.reservations.list(viewer, query);
  }

  @Post("reservations")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: ReservationView })
  make(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateReservation }) body: CreateReservation): Promise<ReservationView> {
    return this.reservations.make(viewer, body);
  }

  @Post("reservations/:id/end")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: ReservationView })
  end(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ReservationPath }) path: ReservationPath,
    @Body({ schema: EndReservation }) body: EndReservation,
  ): Promise<ReservationView> {
    return this.reservations.end(viewer, path.id, body.reason);
  }
}
