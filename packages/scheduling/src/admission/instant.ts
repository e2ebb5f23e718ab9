import type { PriorityClass, Tier } from "@ziggurat/contracts";
import type { Reservation } from "../capacity/reservations.js";
import type { Amount } from "../placement/cluster-state.js";

/** Whose amount it is, as far as floors and reservations ask. */
export interface Taker {
  readonly institution: string;
  readonly tier: Tier;
  readonly priority: PriorityClass;
}

/** A floor in units of one pool. */
export interface KeptFloor {
  readonly tier: Tier;
  readonly units: number;
}

/** What a pool keeps for some. */
export interface Kept {
  readonly floors: readonly KeptFloor[];
  readonly reservations: readonly Reservation[];
}

/** Units that others may not take, and until when the last of them are kept. */
export interface Reserved {
  readonly units: number;
  readonly until: number | null;
}

export function isOfFloor({ tier, priority }: Taker, floor: KeptFloor): boolean {
  return priority !== "bulk" && floor.tier === tier;
}

export function isOfReservation({ institution, tier }: Taker, reservation: Reservation): boolean {
  return (
    (reservation.institution === null || reservation.institution === institution) &&
    (reservation.tier === null || reservation.tier === tier)
  );
}

const NONE: Reserved = { units: 0, until: null };

/** What is taken of a pool at one instant, and how much of what is kept for some is filled by them. */
export class Instant {
  units = 0;
  cpus = 0;
  memoryMb = 0;
  private readonly floors: { readonly kept: KeptFloor; filled: number }[];
  private readonly reservations: { readonly kept: Reservation; filled: number }[];

  constructor(
    private instant: number,
    private readonly kept: Kept,
  ) {
    this.floors = kept.floors.map((floor) => ({ kept: floor, filled: 0 }));
    this.reservations = kept.reservations.map((reservation) => ({ kept: reservation, filled: 0 }));
  }

  get at(): number {
    return this.instant;
  }

  moveTo(at: number): void {
    this.instant = at;
  }

  copy(): Instant {
    const copy = new Instant(this.instant, this.kept);
    copy.units = this.units;
    copy.cpus = this.cpus;
    copy.memoryMb = this.memoryMb;
    for (const [index, { filled }] of this.floors.entries()) fill(copy.floors[index], filled);
    for (const [index, { filled }] of this.reservations.entries()) fill(copy.reservations[index], filled);
    return copy;
  }

  add(taker: Taker, amount: Amount, sign: 1 | -1 = 1): void {
    this.units += sign * amount.units;
    this.cpus += sign * amount.cpus;
    this.memoryMb += sign * amount.memoryMb;
    for (const floor of this.floors) if (isOfFloor(taker, floor.kept)) floor.filled += sign * amount.units;
    for (const one of this.reservations) if (isOfReservation(taker, one.kept)) one.filled += sign * amount.units;
  }

  /** Whether a floor or a reservation that is the taker's is not yet filled. */
  isOwed(taker: Taker, notBy: Taker): "floor" | "reservation" | null {
    const isOpen = ({ kept, filled }: { readonly kept: { readonly units: number }; filled: number }): boolean => filled < kept.units;
    if (this.floors.some((one) => isOfFloor(taker, one.kept) && !isOfFloor(notBy, one.kept) && isOpen(one))) return "floor";
    const reservation = this.reservations.find(
      (one) => this.isActive(one.kept) && isOfReservation(taker, one.kept) && !isOfReservation(notBy, one.kept) && isOpen(one),
    );
    return reservation === undefined ? null : "reservation";
  }

  /** Units of floors that this taker may not take. */
  inFloorsOfOthers(taker: Taker): number {
    let units = 0;
    for (const { kept, filled } of this.floors) if (filled < kept.units && !isOfFloor(taker, kept)) units += kept.units - filled;
    return units;
  }

  /** Units reserved for others now, and until when the last of these reservations holds. */
  reservedForOthers(taker: Taker): Reserved {
    if (this.reservations.length === 0) return NONE;
    let [units, until]: [number, number | null] = [0, null];
    for (const { kept, filled } of this.reservations) {
      if (filled >= kept.units || !this.isActive(kept) || isOfReservation(taker, kept)) continue;
      units += kept.units - filled;
      until = Math.max(until ?? 0, kept.until);
    }
    return units === 0 ? NONE : { units, until };
  }

  private isActive({ from, until }: Reservation): boolean {
    return from <= this.instant && this.instant < until;
  }
}

function fill(one: { filled: number } | undefined, filled: number): void {
  if (one !== undefined) one.filled = filled;
}
