import { Module } from "@nestjs/common";
import { NoticesModule } from "../notices/notices.module.js";
import { SupportLoop } from "./support-loop.js";
import { SupportNotices } from "./support-notices.service.js";

/** Ends of support, told to those who stand on what ends. */
@Module({ imports: [NoticesModule], providers: [SupportLoop, SupportNotices] })
export class SupportModule {}
