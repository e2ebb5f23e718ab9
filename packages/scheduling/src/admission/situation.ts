import type { JobResources, JobWindow, PriorityClass, Sensitivity, Tier } from "@ziggurat/contracts";
import type { Floor } from "../capacity/floors.js";
import type { Reservation } from "../capacity/reservations.js";
import type { Account } from "../fair-share/shares.js";
import type { ClusterState } from "../placement/cluster-state.js";
import type { AgesAfter } from "../priority.js";

/** A range of seconds, where an estimate exists. */
export type Seconds = { readonly low: number; readonly high: number } | null;

/** A job that waits, as admission sees it. Instants are milliseconds since the epoch. */
export interface Waiting {
  readonly id: string;
  /** Whose places it takes. */
  readonly institution: string;
  readonly tier: Tier;
  readonly priority: PriorityClass;
  readonly resources: JobResources;
  /** Its place in the line; one that was put back keeps its own. */
  readonly queuedAt: number;
  /** Since when it has been waiting this time. */
  readonly waitingSince: number;
  /** How long it will run. */
  readonly seconds: Seconds;
  /** When it will have been stopped at the latest, from its start; null without a limit of its own. */
  readonly limitSeconds: number | null;
  readonly window: JobWindow | null;
  /** It is not tried again before. */
  readonly notBefore: number | null;
  readonly sensitivity: Sensitivity;
  readonly region: string | null;
  readonly gpuMemoryBytes: number | null;
  readonly lastCluster: string | null;
}

/** A run that holds places. */
export interface Holding {
  readonly id: string;
  readonly institution: string;
  readonly tier: Tier;
  readonly priority: PriorityClass;
  readonly resources: JobResources;
  readonly cluster: string;
  /** Null where nobody wrote down which: the first that fits is taken for it. */
  readonly pool: string | null;
  readonly startedAt: number;
  /** How long it is expected to go on. */
  readonly remainingSeconds: Seconds;
  /** When it will have been stopped at the latest; null without a limit. */
  readonly endsBy: number | null;
  readonly window: JobWindow | null;
  /** It can be stopped without its work being lost. */
  readonly isPreemptible: boolean;
  /** When it last saved. */
  readonly checkpointAt: number | null;
  /** How often it was put back already. */
  readonly preemptions: number;
  /** It was asked to save and stop and has not yet ended. */
  readonly isYielding: boolean;
}

/** Places that an institution may hold at once, and whether it may go above them while nobody within theirs waits. */
export interface PlaceLimit {
  readonly places: number;
  readonly mayBorrow: boolean;
}

export interface SchedulingRules {
  /** After so long what was used counts half. */
  readonly halfLifeSeconds: number;
  readonly agesAfterSeconds: AgesAfter;
  /** A run is left alone for so long. */
  readonly minRunSeconds: number;
  /** Nobody is put back more often. */
  readonly maxPreemptions: number;
  /** A job waits for so long before others are put back for it. */
  readonly patienceSeconds: Readonly<Record<PriorityClass, number>>;
  /** What a run may take to save and stop. */
  readonly yieldSeconds: number;
  /** What a run is taken to last of which nobody knows. */
  readonly longestSeconds: number;
  /** Part of a pool's units that may wait at an engine with a queue of its own. */
  readonly handOver: number;
  /** Runs that one pass may put back. */
  readonly maxYields: number;
}

const HOUR = 3600;
export const DEFAULT_RULES: SchedulingRules = {
  halfLifeSeconds: 24 * HOUR,
  agesAfterSeconds: { interactive: 4 * HOUR, standard: 12 * HOUR, bulk: 72 * HOUR },
  minRunSeconds: HOUR / 4,
  maxPreemptions: 3,
  patienceSeconds: { ordered: 60, interactive: 30, standard: 600, bulk: HOUR },
  yieldSeconds: 120,
  longestSeconds: 7 * 24 * HOUR,
  handOver: 0.25,
  maxYields: 64,
};

/** Everything that admission looks at. The order in which lists come does not matter. */
export interface Situation {
  readonly now: number;
  readonly clusters: readonly ClusterState[];
  readonly holding: readonly Holding[];
  readonly waiting: readonly Waiting[];
  /** Institutions that are left out have a weight of 1 and have had nothing yet. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** Those that are limited. */
  readonly limits: ReadonlyMap<string, PlaceLimit>;
  readonly floors: readonly Floor[];
  readonly reservations: readonly Reservation[];
  readonly rules: SchedulingRules;
}

/** A situation in which nothing is special, with what a caller knows of it. */
export function aSituation(known: Partial<Situation> & Pick<Situation, "clusters">): Situation {
  return {
    now: 0,
    holding: [],
    waiting: [],
    accounts: new Map(),
    limits: new Map(),
    floors: [],
    reservations: [],
    rules: DEFAULT_RULES,
    ...known,
  };
}

/** How long something that starts now is planned to hold its places: to the upper end of its estimate, and to its limit at most. */
export function plannedSeconds({ seconds, limitSeconds }: Pick<Waiting, "seconds" | "limitSeconds">, rules: SchedulingRules): number {
  return Math.min(limitSeconds ?? rules.longestSeconds, seconds?.high ?? rules.longestSeconds);
}
