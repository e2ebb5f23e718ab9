import { z } from "zod";
import { idOf, PageQuery, Slug, Timestamp } from "./primitives.js";
import { Tier } from "./vocabulary.js";

/** A share of every pool that only this tier's daily work may take, and never its bulk. */
export const FloorPolicy = z.strictObject({
  tier: Tier,
  share: z.number().min(0).max(1),
  /** Null: on every cluster. */
  cluster: Slug.nullable().default(null),
});
export type FloorPolicy = z.infer<typeof FloorPolicy>;

/** How capacity is shared. Every field has a default, so that a platform without a policy has the default one. */
export const SchedulingPolicy = z.strictObject({
  /** After so long what was used counts half. */
  halfLifeHours: z.number().min(1).max(720).default(24),
  /** What institutions are owed, as these numbers are to each other; those left out have 1. */
  weights: z.record(Slug, z.number().min(0.01).max(1000)).default({}),
  floors: z.array(FloorPolicy).max(50).default([]),
  /** Hours of waiting after which a job counts as one of the next higher class. */
  agesAfterHours: z
    .strictObject({
      interactive: z.number().min(0.1).max(720).default(4),
      standard: z.number().min(0.1).max(720).default(12),
      bulk: z.number().min(0.1).max(720).default(72),
    })
    .prefault({}),
  /** A run is left alone for so long. */
  minRunMinutes: z.number().min(0).max(1440).default(15),
  /** No job is put back more often. */
  maxPreemptions: z.number().int().min(0).max(100).default(3),
});
export type SchedulingPolicy = z.infer<typeof SchedulingPolicy>;

/** Revision 0 is the default policy, which nobody set. */
export const CurrentSchedulingPolicy = z.strictObject({
  policy: SchedulingPolicy,
  revision: z.number().int(),
  setBy: z.string().nullable(),
  setAt: Timestamp.nullable(),
  reason: z.string().nullable(),
});
export type CurrentSchedulingPolicy = z.infer<typeof CurrentSchedulingPolicy>;

/** `revision` is the one that was looked at; another one meanwhile refuses the change. */
export const SetSchedulingPolicy = z.strictObject({
  policy: SchedulingPolicy,
  revision: z.number().int().min(0),
  reason: z.string().min(1).max(2000),
});
export type SetSchedulingPolicy = z.infer<typeof SetSchedulingPolicy>;

/** Holds units of a pool for an institution, for a tier's work, or for both together, between two instants. */
export const CreateReservation = z.strictObject({
  cluster: Slug,
  pool: z.string().min(1).max(100),
  units: z.number().int().min(1).max(1_000_000),
  institution: Slug.nullable().default(null),
  tier: Tier.nullable().default(null),
  from: Timestamp,
  until: Timestamp,
  reason: z.string().min(1).max(2000),
});
export type CreateReservation = z.infer<typeof CreateReservation>;

export const ReservationView = z.strictObject({
  id: idOf("reservation"),
  cluster: z.string(),
  pool: z.string(),
  units: z.number().int(),
  institution: Slug.nullable(),
  tier: Tier.nullable(),
  from: Timestamp,
  until: Timestamp,
  reason: z.string(),
  madeBy: z.string(),
  madeAt: Timestamp,
  endedAt: Timestamp.nullable(),
});
export type ReservationView = z.infer<typeof ReservationView>;

export const ListReservations = PageQuery;
export type ListReservations = z.infer<typeof ListReservations>;

export const EndReservation = z.strictObject({ reason: z.string().min(1).max(2000) });
export type EndReservation = z.infer<typeof EndReservation>;
