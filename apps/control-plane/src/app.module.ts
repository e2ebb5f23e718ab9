import { type DynamicModule, Module } from "@nestjs/common";
import { AccessReviewModule } from "./access-review/access-review.module.js";
import { AuditModule } from "./audit/audit.module.js";
import { CleanUpsModule } from "./clean-ups/clean-ups.module.js";
import { ClustersModule } from "./clusters/clusters.module.js";
import { DatasetsModule } from "./datasets/datasets.module.js";
import { EntitlementsModule } from "./entitlements/entitlements.module.js";
import { EvaluationsModule } from "./evaluations/evaluations.module.js";
import { EvidenceModule } from "./evidence/evidence.module.js";
import { ExitsModule } from "./exits/exits.module.js";
import { FederationModule } from "./federation/federation.module.js";
import { GarbageModule } from "./garbage/garbage.module.js";
import { HoldsModule } from "./holds/holds.module.js";
import { IdentityModule } from "./identity/identity.module.js";
import { ImportsModule } from "./imports/imports.module.js";
import { InstitutionsModule } from "./institutions/institutions.module.js";
import { IntegrityModule } from "./integrity/integrity.module.js";
import { LineageModule } from "./lineage/lineage.module.js";
import { MeteringModule } from "./metering/metering.module.js";
import { NoticesModule } from "./notices/notices.module.js";
import type { Config } from "./platform/config.js";
import { ConsoleModule } from "./platform/console/console.module.js";
import { HealthModule } from "./platform/health/health.module.js";
import { HttpModule } from "./platform/http/http.module.js";
import { OpenApiModule } from "./platform/openapi/openapi.module.js";
import { platformModule } from "./platform/platform.module.js";
import type { Announce, Runtime } from "./platform/runtime.js";
import { PurgesModule } from "./purges/purges.module.js";
import { QuotasModule } from "./quotas/quotas.module.js";
import { RecallsModule } from "./recalls/recalls.module.js";
import { RegistryModule } from "./registry/registry.module.js";
import { SchedulingModule } from "./scheduling/scheduling.module.js";
import { ScimModule } from "./scim/scim.module.js";
import { SearchModule } from "./search/search.module.js";
import { SecretKeyModule } from "./secret-key/secret-key.module.js";
import { StatementsModule } from "./statements/statements.module.js";
import { SupportModule } from "./support/support.module.js";
import { TuningModule } from "./tuning/tuning.module.js";

/** Every feature, in both roles: the HTTP role answers requests, the worker role runs loops and queue handlers. */
const features = [
  IdentityModule,
  FederationModule,
  InstitutionsModule,
  AuditModule,
  RegistryModule,
  ImportsModule,
  DatasetsModule,
  ClustersModule,
  SchedulingModule,
  TuningModule,
  EvaluationsModule,
  LineageModule,
  NoticesModule,
  EntitlementsModule,
  MeteringModule,
  QuotasModule,
  StatementsModule,
  AccessReviewModule,
  RecallsModule,
  SupportModule,
  HoldsModule,
  PurgesModule,
  CleanUpsModule,
  GarbageModule,
  IntegrityModule,
  ScimModule,
  SearchModule,
  EvidenceModule,
  SecretKeyModule,
  ExitsModule,
];

@Module({})
export class AppModule {}

export const appModule = (config: Config, runtime: Runtime, announce: Announce): DynamicModule => ({
  module: AppModule,
  imports: [platformModule(config, runtime, announce), ...features, HttpModule, HealthModule, OpenApiModule, ConsoleModule],
});
