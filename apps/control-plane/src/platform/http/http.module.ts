import { Module } from "@nestjs/common";
import { APP_FILTER, APP_PIPE } from "@nestjs/core";
import { ProblemFilter } from "../errors/problem.filter.js";
import { ContractPipe } from "./contract.pipe.js";

@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ContractPipe },
  ],
})
export class HttpModule {}
