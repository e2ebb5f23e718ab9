import { z } from "zod";
import { idOf, Timestamp, VersionRef } from "./primitives.js";

export const RUN_EVENT_TYPES = ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] as const;
/** Names go into columns and onto screens: no control characters, no novels. */
const name = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^\P{Cc}+$/u, "no control characters");
/** RFC 3339 with any offset; the specification asks for no more. */
const EventTime = z.iso.datetime({ offset: true });
/** Every facet says who wrote it and by which schema; what else it says is the sender's. */
const facets = z.record(z.string(), z.looseObject({ _producer: z.string(), _schemaURL: z.string() }));
const dataset = { namespace: name, name, facets: facets.optional() };

/**
 * An OpenLineage 2-0-2 RunEvent. Loose where the specification is: senders of other versions add fields, and clients are not ours.
 * `eventType` and the run are what makes it a RunEvent at all.
 */
export const RunEvent = z.looseObject({
  eventTime: EventTime,
  producer: z.string().min(1).max(2000),
  schemaURL: z.string().min(1).max(2000),
  eventType: z.enum(RUN_EVENT_TYPES).default("OTHER"),
  run: z.looseObject({ runId: z.guid(), facets: facets.optional() }),
  job: z.looseObject({ namespace: name, name, facets: facets.optional() }),
  inputs: z
    .array(z.looseObject({ ...dataset, inputFacets: facets.optional() }))
    .max(1000)
    .default([]),
  outputs: z
    .array(z.looseObject({ ...dataset, outputFacets: facets.optional() }))
    .max(1000)
    .default([]),
});
export type RunEvent = z.infer<typeof RunEvent>;

/** Body of `POST /lineage` before it is looked at: any JSON object, so that a refusal can name the event and not only a field. */
export const LineageEventBody = z.record(z.string(), z.unknown());
export type LineageEventBody = z.infer<typeof LineageEventBody>;
export const LineageEventBatch = z.array(LineageEventBody).min(1).max(1000);
export type LineageEventBatch = z.infer<typeof LineageEventBatch>;

/** What became of an event: `names` are the versions and `datasets/…` of the sender's institution that it speaks of. */
export const TakenEvent = z.strictObject({ id: idOf("externalEvent"), known: z.boolean(), names: z.array(z.string()) });
export type TakenEvent = z.infer<typeof TakenEvent>;

/** Answer to a batch, as the OpenLineage API describes it. */
export const BatchAnswer = z.strictObject({
  status: z.enum(["success", "partial_success"]),
  summary: z.strictObject({
    received: z.number().int(),
    successful: z.number().int(),
    failed: z.number().int(),
    retriable: z.number().int(),
    non_retriable: z.number().int(),
  }),
  failed_events: z.array(z.strictObject({ index: z.number().int(), reason: z.string(), retriable: z.boolean() })),
});
export type BatchAnswer = z.infer<typeof BatchAnswer>;

const ExternalDataset = z.strictObject({ namespace: z.string(), name: z.string() });

/** A run that a program outside the platform declared about versions or data of its institution. Nothing here is vouched for. */
export const ExternalRun = z.strictObject({
  runId: z.string(),
  job: z.strictObject({ namespace: z.string(), name: z.string() }),
  producer: z.string(),
  /** Type and time of the last event, by event time. */
  eventType: z.enum(RUN_EVENT_TYPES),
  eventTime: Timestamp,
  /** Everything that any event of the run read or wrote. */
  inputs: z.array(ExternalDataset),
  outputs: z.array(ExternalDataset),
  /** The nodes of this lineage that the run names, as in `LineageNode.id`. */
  names: z.array(z.string()),
  receivedAt: Timestamp,
  declaredBy: z.string(),
});
export type ExternalRun = z.infer<typeof ExternalRun>;

/** Reads `ns/slug@n` or `datasets/ns/slug@n`, as exports write it; null for the name of anything else. */
export function parseLineageName(text: string): { readonly kind: "version" | "dataset"; readonly ref: string } | null {
  const kind = text.startsWith("datasets/") ? "dataset" : "version";
  const ref = kind === "dataset" ? text.slice("datasets/".length) : text;
  return VersionRef.safeParse(ref).success ? { kind, ref } : null;
}
