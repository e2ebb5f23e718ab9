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

export function isOfFloor({ tier, priority }: Taker, floor: KeptFloor): boolean {
  return priority !== "bulk" && floor.tier === tier;
}

export function isOfReservation({ institution, tier }: Taker, reservation: Reservation): boolean {
  return (
    (reservation.institution === null || reservation.institution === institution) &&
    (reservation.tier === null || reservation.tier === tier)
  );
}

/** What is taken of a pool at one instant, and how much of what is kept for some is filled by them. */
export class Instant {
  units = 0;
  cpus = 0;
  memoryMb = 0;
  private readonly inFloors: number[];
  private readonly inReservations: number[];

  constructor(
    private instant: number,
    private readonly kept: Kept,
  ) {
    this.inFloors = kept.floors.map(() => 0);
    this.inReservations = kept.reservations.map(() => 0);
  }

  copy(): Instant {
    const copy = new Instant(this.instant, this.kept);
    copy.units = this.units;
    copy.cpus = this.cpus;
    copy.memoryMb = this.memoryMb;
    for (const [index, units] of this.inFloors.entries()) copy.inFloors[index] = units;
    for (const [index, units] of this.inReservations.entries()) copy.inReservations[index] = units;
    return copy;
  }

  get at(): number {
    return this.instant;
  }

  moveTo(at: number): void {
    this.instant = at;
  }

  add(taker: Taker, amount: Amount, sign: 1 | -1 = 1): void {
    this.units += sign * amount.units;
    this.cpus += sign * amount.cpus;
    this.memoryMb += sign * amount.memoryMb;
    for (const [index, floor] of this.kept.floors.entries())
      if (isOfFloor(taker, floor)) this.inFloors[index] = (this.inFloors[index] ?? 0) + sign * amount.units;
    for (const [index, reservation] of this.kept.reservations.entries())
      if (isOfReservation(taker, reservation)) this.inReservations[index] = (this.inReservations[index] ?? 0) + sign * amount.units;
  }

  isFloorOpen(index: number): boolean {
    return (this.inFloors[index] ?? 0) < (this.kept.floors[index]?.units ?? 0);
  }

  isReservationOpen(index: number): boolean {
    return (this.inReservations[index] ?? 0) < (this.kept.reservations[index]?.units ?? 0);
  }

  /** Units of floors that this taker may not take. */
  inFloorsOfOthers(taker: Taker): number {
    let units = 0;
    for (const [index, floor] of this.kept.floors.entries())
      if (!isOfFloor(taker, floor)) units += Math.max(0, floor.units - (this.inFloors[index] ?? 0));
    return units;
  }

  /** Units reserved for others now, and until when the last of these reservations holds. */
  reservedForOthers(taker: Taker): { readonly units: number; readonly until: number | null } {
    let [units, until]: [number, number | null] = [0, null];
    for (const [index, reservation] of this.kept.reservations.entries()) {
      if (reservation.from > this.at || reservation.until <= this.at || isOfReservation(taker, reservation)) continue;
      const open = Math.max(0, reservation.units - (this.inReservations[index] ?? 0));
      if (open === 0) continue;
      units += open;
      until = Math.max(until ?? 0, reservation.until);
    }
    return { units, until };
  }
}
