import { SetMetadata } from "@nestjs/common";

export const ANSWERED_ONCE = "ziggurat:answered-once";

/** The answer shows a secret: it is never stored, so a repeated Idempotency-Key is told that the first request took effect. */
export const AnsweredOnce = (): MethodDecorator => SetMetadata(ANSWERED_ONCE, true);
