import type { Simulated } from "@ziggurat/scheduling/simulator";
import { fifoBackfill, ourAdmission, simulate } from "@ziggurat/scheduling/simulator";
import type { BenchOptions } from "../bench-options.js";
import { machine, writeResult } from "../results.js";
import { DAY, FLOORS, fullCampaign, WEIGHTS, week, world } from "./bank-week.js";
import { measureLine } from "./long-line.js";

const SEED = 20261;
/** What is asked for; a run that misses one says so and ends with an error. */
const GOALS = {
  shareOff: 0.05,
  utilisationBehind: 0.05,
  longestWaitHours: 24,
  campaignWaitHours: 6,
  passMs: 200,
  whyOneMs: 20,
  lineJobs: 10_000,
} as const;

interface Goal {
  readonly name: string;
  readonly goal: string;
  readonly value: string;
  readonly isMet: boolean;
}

/**
 * Admission in a simulated week of four institutions on 128 GPUs, beside plain first come, first served with back-fill in the same
 * simulation: shares under more work than there is room for, waits under less, floors under a campaign that would take everything; and one
 * pass over 10,000 jobs.
 */
export async function schedulingBench({ scale }: BenchOptions): Promise<void> {
  const days = Math.max(1, 7 * scale);
  const full = week(SEED, days, 1.4, 400);
  const [crowded, crowdedPeer] = [simulate(world(days), full, ourAdmission), simulate(world(days), full, fifoBackfill)];
  const easy = week(SEED + 1, days, 0.75, 0);
  const [calm, calmPeer] = [simulate(world(days), easy, ourAdmission), simulate(world(days), easy, fifoBackfill)];
  const daily = week(SEED + 2, days, 0.35, 0);
  const jobs = [...daily, ...fullCampaign(SEED, days)].sort((a, b) => a.arrivesAt - b.arrivesAt);
  const weights = new Map([...WEIGHTS, ["platform", 4]]);
  const besieged = simulate(world(days, { floors: FLOORS, weights }), jobs, ourAdmission);
  const besiegedPeer = simulate(world(days, { weights }), jobs, fifoBackfill);
  const line = measureLine(Math.round(GOALS.lineJobs * scale), 200);

  const shares = sharesOf(crowded);
  const off = Math.max(...shares.map(({ part, due }) => Math.abs(part / due - 1)));
  const waits = waitsOf(calm, days);
  const siege = waitsOf(besieged, days, "platform");
  const siegePeer = waitsOf(besiegedPeer, days, "platform");
  const behind = 1 - crowded.utilisation / crowdedPeer.utilisation;
  const breaches = [crowded, calm, besieged].flatMap((one) => one.breaches);
  const goals: Goal[] = [
    goal("shares off their weights, at most", off, GOALS.shareOff, percent),
    goal("utilisation behind the peer", behind, GOALS.utilisationBehind, percent),
    goal("longest wait at three quarters load", waits.longest, GOALS.longestWaitHours, hours),
    goal("longest wait of daily work under a campaign", siege.longest, GOALS.campaignWaitHours, hours),
    goal("promises broken (capacity, floors)", breaches.length, 0, String),
    // Processor time: a pass waits for nothing, and what else the machine does is not its cost.
    goal(`pass over ${line.jobs} jobs`, line.passCpuMs, GOALS.passMs, milliseconds),
    goal("why one of them waits", line.whyOneMs, GOALS.whyOneMs, milliseconds),
  ];

  console.log(`\nadmission in ${days.toFixed(1)} simulated days on 128 GPUs, beside first come, first served with back-fill`);
  for (const { institution, part, due } of shares)
    console.log(`  ${institution.padEnd(10)} weight ${WEIGHTS.get(institution)}: ${percent(part)} of all GPU-hours, ${percent(due)} due`);
  console.log(`  utilisation ${percent(crowded.utilisation)}, peer ${percent(crowdedPeer.utilisation)}`);
  table("waits at three quarters load", waits, waitsOf(calmPeer, days));
  table("waits of daily work under a campaign", siege, siegePeer);
  console.log(
    `  pass ${milliseconds(line.passMs)} (${milliseconds(line.passCpuMs)} of CPU), reasons of all ${milliseconds(line.reasonsMs)}\n`,
  );
  for (const { name, goal: asked, value, isMet } of goals)
    console.log(`${name.padEnd(46)}${value.padStart(10)}   goal ≤ ${asked.padEnd(8)}${isMet ? "" : "MISSED"}`);
  if (goals.some(({ isMet }) => !isMet)) process.exitCode = 1;
  writeResult("scheduling", {
    ...{ machine: machine(), days, seed: SEED, goals, shares, line },
    utilisation: { ours: crowded.utilisation, peer: crowdedPeer.utilisation },
    waits: { ours: waits, peer: waitsOf(calmPeer, days), underCampaign: siege, underCampaignPeer: siegePeer },
    preemptions: [crowded, calm, besieged].map(({ fates }) => fates.reduce((sum, { preemptions }) => sum + preemptions, 0)),
  });
}

function sharesOf({ use }: Simulated) {
  const all = [...use.values()].reduce((sum, units) => sum + units, 0);
  const weights = [...WEIGHTS.values()].reduce((sum, weight) => sum + weight, 0);
  return [...WEIGHTS].map(([institution, weight]) => ({ institution, part: (use.get(institution) ?? 0) / all, due: weight / weights }));
}

interface Waits {
  readonly median: number;
  readonly ninetyFifth: number;
  readonly longest: number;
}

/** Hours until a job first started; one that never did has waited until the end. */
function waitsOf({ fates }: Simulated, days: number, without?: string): Waits {
  const waits = fates
    .filter(({ job }) => job.institution !== without)
    .map(({ job, startedAt }) => ((startedAt ?? days * DAY) - job.arrivesAt) / 3600)
    .sort((a, b) => a - b);
  const at = (part: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0;
  return { median: at(0.5), ninetyFifth: at(0.95), longest: at(1) };
}

function table(name: string, ours: Waits, peer: Waits): void {
  console.log(`  ${name.padEnd(38)}  median ${hours(ours.median)} (peer ${hours(peer.median)}), 95 % within ${hours(ours.ninetyFifth)}`);
  console.log(`  ${"".padEnd(38)}  longest ${hours(ours.longest)} (peer ${hours(peer.longest)})`);
}

function goal(name: string, value: number, most: number, show: (value: number) => string): Goal {
  return { name, goal: show(most), value: show(value), isMet: value <= most };
}

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
const hours = (amount: number): string => `${amount.toFixed(2)} h`;
const milliseconds = (amount: number): string => `${amount.toFixed(1)} ms`;
