import { Module } from "@nestjs/common";
import { DerivationsModule } from "../lineage/derivations.module.js";
import { CONFIG, type Config } from "../platform/config.js";
import { QuotasModule } from "../quotas/quotas.module.js";
import { SeparationModule } from "../separation/separation.module.js";
import { AliasGuardsController } from "./aliases/alias-guards.controller.js";
import { AliasGuardsRepository } from "./aliases/alias-guards.repository.js";
import { AliasGuards } from "./aliases/alias-guards.service.js";
import { AliasProposalsRepository } from "./aliases/alias-proposals.repository.js";
import { AliasProposals } from "./aliases/alias-proposals.service.js";
import { AliasesController } from "./aliases/aliases.controller.js";
import { Aliases } from "./aliases/aliases.service.js";
import { BLOB_STORE } from "./blobs/blob-store.js";
import { BlobsController } from "./blobs/blobs.controller.js";
import { BlobsRepository } from "./blobs/blobs.repository.js";
import { Blobs } from "./blobs/blobs.service.js";
import { DirectoryBlobStore } from "./blobs/directory-blob-store.js";
import { ComparisonsController } from "./comparisons/comparisons.controller.js";
import { Comparisons } from "./comparisons/comparisons.service.js";
import { ContentCheck } from "./content/content-check.js";
import { ModelsController } from "./models/models.controller.js";
import { ModelsRepository } from "./models/models.repository.js";
import { Models } from "./models/models.service.js";
import { PoliciesController } from "./policies.controller.js";
import { PYRAMID, pyramidProvider } from "./pyramid.js";
import { RegistrationsController } from "./registrations/registrations.controller.js";
import { RegistrationsService } from "./registrations/registrations.service.js";
import { RetainedRepository } from "./retained.repository.js";
import { SealRowsRepository } from "./seals/seal-rows.repository.js";
import { SealsController } from "./seals/seals.controller.js";
import { VersionSeals } from "./seals/version-seals.service.js";
import { ReleaseSignatures } from "./signatures/release-signatures.service.js";
import { SignaturesController } from "./signatures/signatures.controller.js";
import { Drafts } from "./versions/drafts.service.js";
import { GateFactsRepository } from "./versions/gate-facts.repository.js";
import { Releases } from "./versions/releases.js";
import { SealVersion } from "./versions/seal-version.js";
import { Sealer } from "./versions/sealing.js";
import { Standings } from "./versions/standings.service.js";
import { Transitions } from "./versions/transitions.service.js";
import { VersionStates } from "./versions/version-states.service.js";
import { VersionViews } from "./versions/version-views.js";
import { VersionsController } from "./versions/versions.controller.js";
import { VersionsRepository } from "./versions/versions.repository.js";
import { Versions } from "./versions/versions.service.js";

/** Models, versions, files, aliases, and the rules of the tiers that stand before all of them. */
@Module({
  imports: [DerivationsModule, QuotasModule, SeparationModule],
  controllers: [
    BlobsController,
    ModelsController,
    VersionsController,
    AliasesController,
    AliasGuardsController,
    ComparisonsController,
    PoliciesController,
    RegistrationsController,
    SealsController,
    SignaturesController,
  ],
  providers: [
    pyramidProvider,
    { provide: BLOB_STORE, inject: [CONFIG], useFactory: ({ blobs }: Config) => new DirectoryBlobStore(blobs.directory) },
    AliasGuards,
    AliasGuardsRepository,
    AliasProposals,
    AliasProposalsRepository,
    Aliases,
    Blobs,
    BlobsRepository,
    Comparisons,
    ContentCheck,
    Drafts,
    GateFactsRepository,
    Models,
    ModelsRepository,
    RegistrationsService,
    Releases,
    ReleaseSignatures,
    RetainedRepository,
    Sealer,
    SealRowsRepository,
    SealVersion,
    Standings,
    Transitions,
    Versions,
    VersionSeals,
    VersionsRepository,
    VersionStates,
    VersionViews,
  ],
  exports: [
    PYRAMID,
    BLOB_STORE,
    Blobs,
    BlobsRepository,
    Drafts,
    Models,
    ModelsRepository,
    Releases,
    RetainedRepository,
    SealVersion,
    Transitions,
    Versions,
    VersionSeals,
    VersionsRepository,
    VersionViews,
  ],
})
export class RegistryModule {}
