import { Module } from "@nestjs/common";
import { Escalations } from "./escalations.service.js";
import { NoticesController } from "./notices.controller.js";
import { NoticesRepository } from "./notices.repository.js";
import { Notices } from "./notices.service.js";

/** What institutions must know, and their word that they know it. */
@Module({
  controllers: [NoticesController],
  providers: [Escalations, Notices, NoticesRepository],
  exports: [Escalations, Notices],
})
export class NoticesModule {}
