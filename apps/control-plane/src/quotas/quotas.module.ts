import { Module } from "@nestjs/common";
import { MeteringModule } from "../metering/metering.module.js";
import { NoticesModule } from "../notices/notices.module.js";
import { SeparationModule } from "../separation/separation.module.js";
import { QuotaGuard } from "./quota-guard.service.js";
import { QuotaProposals } from "./quota-proposals.service.js";
import { QuotaUseRepository } from "./quota-use.repository.js";
import { QuotaWarnings } from "./quota-warnings.js";
import { QuotasController } from "./quotas.controller.js";
import { QuotasRepository } from "./quotas.repository.js";
import { Quotas } from "./quotas.service.js";

/** What institutions may use, and what becomes of a request for more. */
@Module({
  imports: [MeteringModule, NoticesModule, SeparationModule],
  controllers: [QuotasController],
  providers: [QuotaGuard, QuotaProposals, QuotasRepository, Quotas, QuotaUseRepository, QuotaWarnings],
  exports: [QuotaGuard, QuotasRepository],
})
export class QuotasModule {}
