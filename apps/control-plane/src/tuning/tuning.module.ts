import { Module } from "@nestjs/common";
import { ClustersModule } from "../clusters/clusters.module.js";
import { EvaluationsModule } from "../evaluations/evaluations.module.js";
import { IdentityModule } from "../identity/identity.module.js";
import { MeteringModule } from "../metering/metering.module.js";
import { QuotasModule } from "../quotas/quotas.module.js";
import { RegistryModule } from "../registry/registry.module.js";
import { SchedulingModule } from "../scheduling/scheduling.module.js";
import { SeparationModule } from "../separation/separation.module.js";
import { Admission } from "./advance/admission.service.js";
import { AttemptOutcome } from "./advance/attempt-outcome.service.js";
import { EvaluationStep } from "./advance/evaluation-step.service.js";
import { JobAdvance } from "./advance/job-advance.service.js";
import { Reconciler } from "./advance/reconciler.js";
import { RunGuards } from "./advance/run-guards.service.js";
import { RunWatch } from "./advance/run-watch.service.js";
import { SituationRepository } from "./advance/situation.repository.js";
import { JobActions } from "./job-actions.service.js";
import { JobViews } from "./job-views.js";
import { JobsController } from "./jobs.controller.js";
import { JobsRepository } from "./jobs.repository.js";
import { JobsService } from "./jobs.service.js";
import { RecentRates } from "./requests/estimates.js";
import { JobRequests } from "./requests/job-requests.service.js";
import { TuneFactsRepository } from "./requests/tune-facts.repository.js";
import { Collect } from "./runs/collect.service.js";
import { EventIntake } from "./runs/event-intake.service.js";
import { RunAccess } from "./runs/run-access.js";
import { RunInputsRepository } from "./runs/run-inputs.repository.js";
import { RunSpecs } from "./runs/run-specs.service.js";
import { RunTokens } from "./runs/run-tokens.js";
import { RunsController } from "./runs/runs.controller.js";
import { JobEventsController } from "./streams/job-events.controller.js";
import { JobRecords } from "./streams/job-records.service.js";
import { JobStreams } from "./streams/job-streams.service.js";
import { WithdrawnJobs } from "./withdrawn-jobs.service.js";

/** Jobs from the request to the sealed result. */
@Module({
  imports: [
    IdentityModule,
    RegistryModule,
    ClustersModule,
    EvaluationsModule,
    MeteringModule,
    QuotasModule,
    SchedulingModule,
    SeparationModule,
  ],
  controllers: [JobsController, JobEventsController, RunsController],
  providers: [
    Admission,
    AttemptOutcome,
    Collect,
    EvaluationStep,
    EventIntake,
    JobActions,
    JobAdvance,
    JobRecords,
    JobRequests,
    JobsRepository,
    JobsService,
    JobStreams,
    JobViews,
    RecentRates,
    Reconciler,
    RunAccess,
    RunGuards,
    RunInputsRepository,
    RunSpecs,
    RunTokens,
    RunWatch,
    SituationRepository,
    TuneFactsRepository,
    WithdrawnJobs,
  ],
  exports: [JobRequests, JobsService, WithdrawnJobs],
})
export class TuningModule {}
