import { unitsOf } from "../placement/cluster-state.js";
import type { Block } from "./decision.js";
import type { Holding, Situation, Waiting } from "./situation.js";

/** Places that institutions hold, those that this pass has planned for them among them, against what they may hold. */
export class Quotas {
  private readonly held = new Map<string, number>();
  /** Of what is held, what runs and was not asked to stop. */
  private readonly running = new Map<string, number>();
  /** Institutions of which a job waits for their own limit: those behind it wait with it, so that small ones do not starve a large one. */
  private readonly blocked = new Set<string>();

  constructor(private readonly situation: Situation) {
    for (const { institution, resources, isYielding } of situation.holding) {
      count(this.held, institution, unitsOf(resources));
      if (!isYielding) count(this.running, institution, unitsOf(resources));
    }
  }

  /** Null: within the limit. */
  ask(job: Waiting): Extract<Block, { kind: "quota" }> | "borrows" | null {
    const { institution } = job;
    const limit = this.situation.limits.get(institution);
    if (limit === undefined) return null;
    const isWithin = this.of(institution) + unitsOf(job.resources) <= limit.places;
    if (isWithin && !this.blocked.has(institution)) return null;
    if (limit.mayBorrow) return "borrows";
    if (unitsOf(job.resources) <= limit.places) this.blocked.add(institution);
    return this.blockOf(job);
  }

  blockOf({ institution, resources }: Waiting): Extract<Block, { kind: "quota" }> {
    const places = this.situation.limits.get(institution)?.places ?? 0;
    return { kind: "quota", held: this.of(institution), places, units: unitsOf(resources) };
  }

  /** Counted also for a job that finds no room, so that who comes later in its institution is told of the limit. */
  take({ institution, resources }: Waiting): void {
    count(this.held, institution, unitsOf(resources));
  }

  /** A run was asked to give its places back. Until it has ended it holds them. */
  returned({ institution, resources }: Holding): void {
    count(this.running, institution, -unitsOf(resources));
  }

  /** Units above the limit that runs hold. */
  borrowedBy(institution: string): number {
    const limit = this.situation.limits.get(institution);
    return limit === undefined ? 0 : Math.max(0, (this.running.get(institution) ?? 0) - limit.places);
  }

  private of(institution: string): number {
    return this.held.get(institution) ?? 0;
  }
}

function count(counted: Map<string, number>, institution: string, units: number): void {
  counted.set(institution, (counted.get(institution) ?? 0) + units);
}
