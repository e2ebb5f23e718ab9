import { type Attacker, attackersOf } from "./attackers.js";
import { inLanes } from "./lanes.js";
import { apart, median } from "./median.js";
import type { Operation } from "./open-api.js";
import type { Probe } from "./probe.js";
import type { Bank } from "./scene.js";
import { send } from "./send.js";

export const PAIRS = 200;
/** Most that the medians of two kinds of answers may be apart. */
export const LIMIT = 0.1;
/** How often a route whose medians are further apart is measured anew: a busy machine is no leak. */
const AGAIN = 2;

export interface Timed {
  readonly operation: Operation;
  readonly attacker: Attacker;
  readonly apart: number;
  /** Times it was measured: more than one where the first said that it leaks. */
  readonly measured: number;
}

/** Whether the time of a refusal tells what is not there from what is somebody else's, for every route that names something in its path. */
export async function timeRoutes(url: string, probes: readonly Probe[], bank: Bank): Promise<Timed[]> {
  const timed: Timed[] = [];
  await inLanes(
    probes.filter(({ position }) => position === "whole request"),
    2,
    async (probe) => {
      const attacker = attackersOf(probe.operation, bank)[0];
      if (attacker === undefined) return;
      let measured = 0;
      let distance = Number.POSITIVE_INFINITY;
      while (distance > LIMIT && measured <= AGAIN) {
        const times = await pairedTimes(url, probe, attacker, PAIRS * 2 ** measured);
        distance = apart(times.theirs, times.absent);
        measured += 1;
      }
      timed.push({ operation: probe.operation, attacker, apart: distance, measured });
    },
  );
  return timed;
}

/** Both requests in turn, each time in an order drawn by lot. */
async function pairedTimes(url: string, probe: Probe, attacker: Attacker, pairs: number) {
  const times: { readonly theirs: number[]; readonly absent: number[] } = { theirs: [], absent: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const order = Math.random() < 0.5 ? (["theirs", "absent"] as const) : (["absent", "theirs"] as const);
    for (const side of order) times[side].push((await send(url, probe[side], attacker.token)).milliseconds);
  }
  return times;
}

/** One line for people. */
export function tellTimings(timed: readonly Timed[]): string {
  const again = timed.filter(({ measured }) => measured > 1).length;
  const typical = median(timed.map(({ apart: distance }) => distance * 100));
  const worst = Math.max(...timed.map(({ apart: distance }) => distance * 100));
  return `${timed.length} routes timed in ${PAIRS} pairs each: medians ${typical.toFixed(1)} % apart in the middle, ${worst.toFixed(1)} % at most; ${again} measured again`;
}
