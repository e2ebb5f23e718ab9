import type { PriorityClass, QuotaEffect, QuotaLimits } from "@ziggurat/contracts";
import { JobId, JobResources } from "@ziggurat/contracts";
import { admit, aSituation, barsOf, checkQuota, type Holding, NOTHING, passedOf, placesOnly, type Use } from "@ziggurat/scheduling";

/** A job in the queue with the places that it will hold. */
export interface WaitingPlaces {
  readonly id: string;
  readonly priority: PriorityClass;
  readonly places: number;
  readonly queuedAt: number;
  readonly waitingSince: number;
}

/** What the effect of a change is worked out from: the institution's own rows and no other's. */
export interface EffectFacts {
  readonly revision: number;
  readonly limits: QuotaLimits | null;
  readonly use: Use;
  /** The institution's jobs in the queue. */
  readonly waiting: readonly WaitingPlaces[];
  readonly now: Date;
}

/**
 * What a change of limits would do to the bars and to the queue. Only the limit itself is asked, as if every place were free: whether one is
 * would tell of others.
 */
export function effectOf({ revision, limits, use, waiting, now }: EffectFacts, after: QuotaLimits): QuotaEffect {
  const passed = passedOf(now);
  const held = heldBack(limits, use, waiting, now);
  const wouldHold = heldBack(after, use, waiting, now);
  return {
    revision,
    before: barsOf(use, limits, passed),
    after: barsOf(use, after, passed),
    wouldWait: [...wouldHold].filter((id) => !held.has(id)).map((id) => JobId.parse(id)),
    wouldStart: [...held].filter((id) => !wouldHold.has(id)).map((id) => JobId.parse(id)),
    runningAbove: after.gpus === null ? 0 : Math.max(0, use.used.gpus - after.gpus.stop),
    refusals: checkQuota({ ...NOTHING, gpus: 1, gpuHours: 0.0001, money: 1, jobsQueued: 1, storageBytes: 1 }, use, after),
  };
}

/** Jobs that wait for quota under these limits. Borrowing needs a place nobody waits for, so it is not counted on. */
function heldBack(limits: QuotaLimits | null, use: Use, waiting: readonly WaitingPlaces[], now: Date): Set<string> {
  const places = limits?.gpus?.stop;
  if (places === undefined) return new Set();
  const common = { institution: "own", tier: "institution", window: null } as const;
  const all = use.used.gpus + waiting.reduce((sum, job) => sum + job.places, 0);
  const { decisions } = admit(
    aSituation({
      now: now.getTime(),
      clusters: [placesOnly("any", all, { placesGangs: true })],
      limits: new Map([["own", { places, mayBorrow: false }]]),
      holding: Array.from(
        { length: use.used.gpus },
        (_, index): Holding => ({
          ...{ ...common, id: `run-${index}`, priority: "standard", resources: placesOf(1), cluster: "any", pool: null, startedAt: 0 },
          ...{ remainingSeconds: null, endsBy: null, isPreemptible: false, checkpointAt: null, preemptions: 0, isYielding: false },
        }),
      ),
      waiting: waiting.map((job) => ({
        ...{ ...common, ...job, resources: placesOf(job.places), seconds: null, limitSeconds: null, notBefore: null },
        ...{ sensitivity: "public", region: null, gpuMemoryBytes: null, lastCluster: null },
      })),
    }),
  );
  return new Set(decisions.filter(({ block }) => block?.kind === "quota").map(({ job }) => job.id));
}

const placesOf = (nodes: number): JobResources => JobResources.parse({ nodes });
