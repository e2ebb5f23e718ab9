import type { QuotaEffect, QuotaLimits } from "@ziggurat/contracts";
import { JobId } from "@ziggurat/contracts";
import { admit, barsOf, checkQuota, NOTHING, passedOf, type Use, type Waiting } from "@ziggurat/scheduling";

/** What the effect of a change is worked out from: the institution's own rows and no other's. */
export interface EffectFacts {
  readonly revision: number;
  readonly limits: QuotaLimits | null;
  readonly use: Use;
  /** The institution's jobs in the queue. */
  readonly waiting: readonly Waiting[];
  readonly now: Date;
}

/**
 * What a change of limits would do to the bars and to the queue. Only the limit itself is asked, as if every place were free: whether one is
 * would tell of others.
 */
export function effectOf({ revision, limits, use, waiting, now }: EffectFacts, after: QuotaLimits): QuotaEffect {
  const passed = passedOf(now);
  const held = heldBack(limits, use, waiting);
  const wouldHold = heldBack(after, use, waiting);
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
function heldBack(limits: QuotaLimits | null, use: Use, waiting: readonly Waiting[]): Set<string> {
  const places = limits?.gpus?.stop;
  if (places === undefined) return new Set();
  const holding = Array.from({ length: use.used.gpus }, () => ({ institution: "own", remainingSeconds: null }));
  const own = waiting.map((job) => ({ ...job, institution: "own" }));
  const found = admit(holding.length + own.length, holding, own, new Map([["own", { places, mayBorrow: false }]]));
  return new Set(found.filter(({ waitsFor }) => waitsFor === "quota").map(({ id }) => id));
}
