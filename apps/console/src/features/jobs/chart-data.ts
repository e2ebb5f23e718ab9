import type { MetricSeries } from "@ziggurat/contracts";
import type { LivePoint } from "./job-live.js";

export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The stored points of a series and those that came since, one per step, the later word winning. Values JSON has no number for are gaps. */
export function curveOf(key: string, series: readonly MetricSeries[], live: readonly LivePoint[]): Curve {
  const stored = series.find((candidate) => candidate.key === key)?.points ?? [];
  const last = stored.at(-1)?.step ?? -1;
  // Thinning keeps several points of a bucket, all of them at steps of their own, so a step names a point.
  const points = new Map<number, number>();
  for (const { step, value } of stored) points.set(step, typeof value === "number" ? value : Number.NaN);
  for (const point of live) {
    if (point.key === key && (point.step > last || points.has(point.step))) {
      points.set(point.step, typeof point.value === "number" ? point.value : Number.NaN);
    }
  }
  const steps = [...points.keys()].sort((a, b) => a - b);
  return { steps, values: steps.map((step) => points.get(step) ?? Number.NaN) };
}

/**
 * Exponential moving average over the whole curve, corrected for its start; gaps are passed over. It is computed once on all
 * points, so that zooming never changes a smoothed value.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let average = 0;
  let correction = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    average = weight * average + (1 - weight) * value;
    correction *= weight;
    return average / (1 - correction);
  });
}

/** Keys to offer, training loss first. */
export function metricKeys(series: readonly MetricSeries[], live: readonly LivePoint[]): string[] {
  const keys = new Set([...series.map((candidate) => candidate.key), ...live.map((point) => point.key)]);
  return [...keys].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(key: string): number {
  if (key === "loss") return 0;
  return key.includes("loss") ? 1 : 2;
}
