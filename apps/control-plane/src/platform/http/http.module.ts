import { Module } from "@nestjs/common";
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from "@nestjs/core";
import { ProblemFilter } from "../errors/problem.filter.js";
import { ContractPipe } from "./contract.pipe.js";
import { IdempotencyInterceptor } from "./idempotency.interceptor.js";
import { IdempotencyRepository } from "./idempotency.repository.js";
import { IdempotencySweep } from "./idempotency-sweep.js";
import { NextLinkInterceptor } from "./next-link.interceptor.js";

/** What every request passes through, whatever feature it is for. */
@Module({
  providers: [
    IdempotencyRepository,
    IdempotencySweep,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ContractPipe },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: NextLinkInterceptor },
  ],
})
export class HttpModule {}
