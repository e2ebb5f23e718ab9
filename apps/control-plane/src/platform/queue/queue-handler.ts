import { SetMetadata } from "@nestjs/common";
import type { QueueJobName, QueuePayload } from "@ziggurat/contracts";

export const QUEUE_HANDLER = "ziggurat:queue-handler";

type Handler<N extends QueueJobName> = (payload: QueuePayload<N>) => Promise<void>;

/**
 * Marks the one method that does this kind of queued work; the worker role finds it at start and checks that every name has
 * exactly one. The payload arrives parsed by the catalogue. Throwing means: try again as the catalogue says.
 */
export function QueueHandler<N extends QueueJobName>(name: N) {
  return (target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<Handler<N>>): void => {
    SetMetadata(QUEUE_HANDLER, name)(target, key, descriptor);
  };
}
