import { DecayedAverage } from "../fair-share/decayed-use.js";
import type { Account } from "../fair-share/shares.js";
import { resourcesOf } from "../fair-share/shares.js";
import type { Pool } from "../placement/cluster-state.js";

interface Tally {
  held: number;
  since: number;
  unitSeconds: number;
  readonly average: DecayedAverage;
}

/** What each institution holds and has held, by resource. */
export class UseRecord {
  private readonly tallies = new Map<string, Map<string, Tally>>();

  constructor(private readonly halfLifeSeconds: number) {}

  /** @param units negative when they are given back */
  change(institution: string, pool: Pool, units: number, now: number): void {
    const resource = resourcesOf(pool).units;
    const own = this.tallies.get(institution) ?? new Map<string, Tally>();
    this.tallies.set(institution, own);
    const tally = own.get(resource) ?? { held: 0, since: now, unitSeconds: 0, average: new DecayedAverage(0, this.halfLifeSeconds) };
    own.set(resource, tally);
    tally.unitSeconds += tally.held * (now - tally.since);
    tally.since = now;
    tally.held += units;
    tally.average.set(tally.held, now);
  }

  accounts(weights: ReadonlyMap<string, number>, now: number): Map<string, Account> {
    return new Map(
      [...weights].map(([institution, weight]) => {
        const own = [...(this.tallies.get(institution) ?? [])];
        return [institution, { weight, average: new Map(own.map(([resource, { average }]) => [resource, average.of(now)])) }];
      }),
    );
  }

  /** Unit-seconds of each institution so far, all resources together. */
  unitSeconds(now: number): Map<string, number> {
    return new Map(
      [...this.tallies].map(([institution, own]) => [
        institution,
        [...own.values()].reduce((sum, { unitSeconds, held, since }) => sum + unitSeconds + held * (now - since), 0),
      ]),
    );
  }
}
