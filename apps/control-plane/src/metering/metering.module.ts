import { Module } from "@nestjs/common";
import { MeteringRepository } from "./metering.repository.js";
import { Metering } from "./metering.service.js";
import { PricesController } from "./prices.controller.js";
import { PricesRepository } from "./prices.repository.js";
import { Prices } from "./prices.service.js";
import { StorageMeter } from "./storage-meter.js";

/** What use costs, and what was used. */
@Module({
  controllers: [PricesController],
  providers: [Metering, MeteringRepository, Prices, PricesRepository, StorageMeter],
  exports: [Metering, MeteringRepository, PricesRepository],
})
export class MeteringModule {}
