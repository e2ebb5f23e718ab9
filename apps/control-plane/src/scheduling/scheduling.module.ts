import { Module } from "@nestjs/common";
import { ClustersModule } from "../clusters/clusters.module.js";
import { MeteringModule } from "../metering/metering.module.js";
import { ClusterStates } from "./cluster-states.repository.js";
import { Reservations } from "./reservations.service.js";
import { SchedulingController } from "./scheduling.controller.js";
import { SchedulingRepository } from "./scheduling.repository.js";
import { SchedulingPolicies } from "./scheduling-policies.service.js";

/** What clusters have, how it is shared, and what is held for whom. */
@Module({
  imports: [ClustersModule, MeteringModule],
  controllers: [SchedulingController],
  providers: [ClusterStates, Reservations, SchedulingPolicies, SchedulingRepository],
  exports: [ClusterStates, SchedulingRepository],
})
export class SchedulingModule {}
