import { Injectable } from "@nestjs/common";
import { DiscoveryService, MetadataScanner } from "@nestjs/core";
import { QUEUE_JOBS, type QueueJobName } from "@ziggurat/contracts";
import { QUEUE_HANDLER } from "./queue-handler.js";

/** Does one piece of queued work; the payload is what lay in the queue, not yet parsed. */
export type Handle = (payload: unknown) => Promise<void>;

/** Finds the methods marked with `@QueueHandler`. */
@Injectable()
export class QueueHandlers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /**
   * One handler per name of the catalogue.
   * @throws Error naming every kind of work with no handler or with several
   */
  find(): ReadonlyMap<string, Handle> {
    return exactlyOneEach(Object.keys(QUEUE_JOBS).filter(isQueueJobName), this.marked());
  }

  private marked(): readonly Marked[] {
    return this.discovery.getProviders().flatMap(({ instance }: { instance: unknown }) => {
      if (typeof instance !== "object" || instance === null) return [];
      const prototype: unknown = Object.getPrototypeOf(instance);
      if (typeof prototype !== "object" || prototype === null) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((key) => {
        const method: unknown = Reflect.get(instance, key);
        if (typeof method !== "function") return [];
        const name: unknown = Reflect.getMetadata(QUEUE_HANDLER, method);
        if (typeof name !== "string") return [];
        return [
          {
            name,
            where: `${instance.constructor.name}.${key}`,
            call: async (payload: unknown) => Reflect.apply(method, instance, [payload]),
          },
        ];
      });
    });
  }
}

export interface Marked {
  readonly name: string;
  /** Class and method, for the message that refuses to start. */
  readonly where: string;
  readonly call: (payload: unknown) => Promise<void>;
}

/** Parses payloads by the catalogue and refuses a catalogue that is not served exactly once each. */
export function exactlyOneEach(names: readonly QueueJobName[], marked: readonly Marked[]): ReadonlyMap<string, Handle> {
  const problems = names.flatMap((name) => {
    const found = marked.filter((candidate) => candidate.name === name);
    if (found.length === 1) return [];
    return [found.length === 0 ? `${name} has no handler` : `${name} has several handlers: ${found.map(({ where }) => where).join(", ")}`];
  });
  const unknown = marked
    .filter(({ name }) => !names.some((known) => known === name))
    .map(({ name, where }) => `${where} handles unknown ${name}`);
  if (problems.length + unknown.length > 0) throw new Error(`Queue handlers: ${[...problems, ...unknown].join("; ")}`);
  return new Map(
    names.map((name) => {
      const handler = marked.find((candidate) => candidate.name === name);
      const { payload: schema } = QUEUE_JOBS[name];
      return [name, async (payload: unknown) => handler?.call(schema.parse(payload))];
    }),
  );
}

function isQueueJobName(name: string): name is QueueJobName {
  return name in QUEUE_JOBS;
}
