import { type Limit, QUOTA_DIMENSIONS, type QuotaDimension, type QuotaLimits, type QuotaUse, type Violation } from "@ziggurat/contracts";

/** An amount of each thing that is limited: places, hours, minor units, jobs, bytes. */
export type Amounts = Readonly<Record<QuotaDimension, number>>;

export const NOTHING: Amounts = { gpus: 0, gpuHours: 0, money: 0, jobsQueued: 0, storageBytes: 0 };

/** What is used, and what open jobs will need at most by their estimates. */
export interface Use {
  readonly used: Amounts;
  readonly reserved: Amounts;
}

/** Stable codes of refusals, by what they are about. */
export const QUOTA_CODES = {
  gpus: "quota_gpus",
  gpuHours: "quota_gpu_hours",
  money: "quota_money",
  jobsQueued: "quota_jobs_queued",
  storageBytes: "quota_storage",
} as const satisfies Record<QuotaDimension, string>;

/** Who proposes a change of a quota, and who decides on it. */
export const QUOTA_PROPOSERS = ["institution_admin", "platform_admin"] as const;
export const QUOTA_DECIDERS = ["platform_admin"] as const;

/**
 * What a request would break, each with the amount over and with who can raise it. `gpus` is broken only by a request that could never
 * start; one that could start later waits for that. Without limits nothing is broken.
 */
export function checkQuota(wanted: Amounts, { used, reserved }: Use, limits: QuotaLimits | null): Violation[] {
  if (limits === null) return [];
  return QUOTA_DIMENSIONS.flatMap((dimension) => {
    const limit = limits[dimension];
    if (limit === null || wanted[dimension] <= 0) return [];
    const taken = dimension === "gpus" ? 0 : used[dimension] + reserved[dimension];
    const over = exact(taken + wanted[dimension] - limit.stop);
    if (over <= 0 || (dimension === "gpus" && limits.mayBorrow)) return [];
    const left = leftOf(limit, taken);
    const detail = `${NAMES[dimension]}: ${plain(wanted[dimension])} wanted, ${plain(left)} of ${plain(limit.stop)} left, ${plain(over)} over; ${WHO}`;
    return [{ code: QUOTA_CODES[dimension], detail }];
  });
}

/** What may still be taken. */
export function leftOf({ stop }: Limit, taken: number): number {
  return Math.max(0, exact(stop - taken));
}

/** Hours have four digits after the point; what adding such fractions leaves beyond them is nobody's. */
function exact(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}

/** One bar for each thing that is limited, whether there is a limit or not. @param passed part of the month that has passed, from 0 to 1 */
export function barsOf({ used, reserved }: Use, limits: QuotaLimits | null, passed: number): QuotaUse[] {
  return QUOTA_DIMENSIONS.map((dimension) => {
    const limit = limits?.[dimension] ?? null;
    const amount = exact(used[dimension] + reserved[dimension]);
    return {
      dimension,
      used: used[dimension],
      reserved: reserved[dimension],
      borrowed: dimension === "gpus" && limit !== null ? Math.max(0, used.gpus - limit.stop) : 0,
      limit,
      percent: limit === null ? null : percentOf(amount, limit),
      state: stateOf(amount, limit),
      forecast: MONTHLY.includes(dimension) ? forecastOf(used[dimension], reserved[dimension], passed) : null,
    };
  });
}

/** Counted anew each month; the others are what is held at the moment. */
const MONTHLY: readonly QuotaDimension[] = ["gpuHours", "money"];

const NAMES: Readonly<Record<QuotaDimension, string>> = {
  gpus: "places at once",
  gpuHours: "GPU-hours this month",
  money: "budget this month (minor units)",
  jobsQueued: "jobs queued",
  storageBytes: "bytes stored",
};
const WHO = `proposed by ${QUOTA_PROPOSERS.join(" or ")}, decided by ${QUOTA_DECIDERS.join(" or ")}`;

function percentOf(amount: number, { stop }: Limit): number {
  if (stop === 0) return amount > 0 ? 100 : 0;
  return Math.round((amount / stop) * 1000) / 10;
}

function stateOf(amount: number, limit: Limit | null): QuotaUse["state"] {
  if (limit === null) return "within";
  if (amount >= limit.stop) return "full";
  return amount * 100 >= limit.stop * limit.warnPercent ? "warning" : "within";
}

/** What is used so far, at the same pace to the end; never less than what is used and promised already. */
function forecastOf(used: number, reserved: number, passed: number): number {
  const paced = passed > 0 ? used / Math.min(1, passed) : used;
  return exact(Math.max(paced, used + reserved));
}

/** Readable in a sentence: hours have fractions that nobody needs. */
function plain(amount: number): string {
  return String(Math.round(amount * 100) / 100);
}
