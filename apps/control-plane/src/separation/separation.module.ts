import { Module } from "@nestjs/common";
import { ContributionsRepository } from "./contributions.repository.js";
import { Separation } from "./separation.service.js";

@Module({ providers: [ContributionsRepository, Separation], exports: [Separation] })
export class SeparationModule {}
