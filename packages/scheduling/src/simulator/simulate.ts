import TinyQueue from "tinyqueue";
import {
  DEFAULT_RULES,
  type Holding,
  type PlaceLimit,
  type SchedulingRules,
  type Situation,
  type Waiting,
} from "../admission/situation.js";
import type { Floor } from "../capacity/floors.js";
import type { Reservation } from "../capacity/reservations.js";
import { amountOn, type ClusterState, type Pool, totalOf } from "../placement/cluster-state.js";
import { type Breach, breachesOf } from "./breaches.js";
import type { SimulatedJob } from "./load.js";
import type { Decided, Policy } from "./policy.js";
import { UseRecord } from "./use-record.js";

/** What is simulated. Reservations are in milliseconds from the start, as admission sees them. */
export interface World {
  readonly clusters: readonly ClusterState[];
  readonly weights: ReadonlyMap<string, number>;
  readonly limits?: ReadonlyMap<string, PlaceLimit>;
  readonly floors?: readonly Floor[];
  readonly reservations?: readonly Reservation[];
  readonly rules?: SchedulingRules;
  readonly untilSeconds: number;
  /** Decisions are taken at most this often, and at least every ten times as long while somebody waits. */
  readonly everySeconds: number;
  /** What a run takes to save when it is asked to stop. */
  readonly saveSeconds?: number;
}

/** How a job fared. */
export interface Fate {
  readonly job: SimulatedJob;
  /** Null: it did not start. */
  startedAt: number | null;
  endedAt: number | null;
  preemptions: number;
  cluster: string | null;
}

export interface Simulated {
  readonly policy: string;
  readonly fates: readonly Fate[];
  /** Unit-seconds held by each institution. */
  readonly use: ReadonlyMap<string, number>;
  /** Units held on average over units there were, from 0 to 1. */
  readonly utilisation: number;
  readonly breaches: readonly Breach[];
  readonly passes: number;
}

/** What somebody who watches sees after every pass. */
export type Watch = (situation: Situation, decided: Decided) => void;

/** Runs a load through a policy: a discrete-event simulation in which nothing but the policy decides and the same input gives the same output. */
export function simulate(world: World, jobs: readonly SimulatedJob[], policy: Policy, watch?: Watch): Simulated {
  return new Simulation(world, jobs, policy, watch).run();
}

interface Run {
  readonly fate: Fate;
  readonly pool: Pool;
  readonly holding: Holding;
  /** Seconds of work that were left when it started. */
  readonly left: number;
  isYielding: boolean;
}

type Event = { readonly at: number } & (
  | { readonly kind: "arrival"; readonly fate: Fate }
  | { readonly kind: "end" | "saved"; readonly run: Run }
  | { readonly kind: "pass" }
);

class Simulation {
  private readonly events = new TinyQueue<Event>([], (a, b) => a.at - b.at);
  private readonly fates: Fate[];
  private readonly waiting = new Map<string, Waiting>();
  private readonly runs = new Map<string, Run>();
  private readonly left = new Map<string, number>();
  private readonly byId: ReadonlyMap<string, Fate>;
  private readonly use: UseRecord;
  private readonly rules: SchedulingRules;
  private readonly breaches: Breach[] = [];
  private readonly capacity: number;
  private now = 0;
  private passes = 0;
  private nextPass = Number.POSITIVE_INFINITY;
  private lastPass = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly world: World,
    jobs: readonly SimulatedJob[],
    private readonly policy: Policy,
    private readonly watch: Watch = () => undefined,
  ) {
    this.rules = world.rules ?? DEFAULT_RULES;
    this.use = new UseRecord(this.rules.halfLifeSeconds);
    this.fates = jobs.map((job) => ({ job, startedAt: null, endedAt: null, preemptions: 0, cluster: null }));
    this.byId = new Map(this.fates.map((fate) => [fate.job.id, fate]));
    this.capacity = world.clusters.flatMap(({ pools }) => pools).reduce((sum, pool) => sum + totalOf(pool).units, 0);
    for (const fate of this.fates) this.events.push({ at: fate.job.arrivesAt, kind: "arrival", fate });
  }

  run(): Simulated {
    const { untilSeconds, everySeconds } = this.world;
    for (let event = this.events.pop(); event !== undefined && event.at < untilSeconds; event = this.events.pop()) {
      this.now = event.at;
      this.take(event);
      if (event.kind !== "pass" && this.waiting.size > 0) this.passAt(Math.max(this.now, this.lastPass + everySeconds));
    }
    this.now = untilSeconds;
    const use = this.use.unitSeconds(untilSeconds);
    const held = [...use.values()].reduce((sum, units) => sum + units, 0);
    const utilisation = held / (this.capacity * untilSeconds);
    return { policy: this.policy.name, fates: this.fates, use, utilisation, breaches: this.breaches, passes: this.passes };
  }

  private take(event: Event): void {
    switch (event.kind) {
      case "arrival":
        this.left.set(event.fate.job.id, event.fate.job.seconds);
        this.queue(event.fate, this.now);
        break;
      case "end":
      case "saved":
        this.end(event.run, event.kind === "end");
        break;
      case "pass":
        if (event.at === this.nextPass) this.pass();
    }
  }

  private passAt(at: number): void {
    if (at >= this.nextPass) return;
    this.nextPass = at;
    this.events.push({ at, kind: "pass" });
  }

  private pass(): void {
    this.nextPass = Number.POSITIVE_INFINITY;
    this.lastPass = this.now;
    this.passes += 1;
    const situation = this.situation();
    const decided = this.policy.decide(situation);
    for (const start of decided.starts) this.start(start.id, start.cluster, start.pool);
    for (const id of decided.yields) this.yield(id);
    this.breaches.push(...breachesOf(this.situation(), this.now));
    this.watch(situation, decided);
    if (this.waiting.size > 0) this.passAt(this.now + this.world.everySeconds * 10);
  }

  private start(id: string, cluster: string, poolName: string): void {
    const [fate, job] = [this.byId.get(id), this.waiting.get(id)];
    const pool = this.world.clusters.find(({ name }) => name === cluster)?.pools.find(({ name }) => name === poolName);
    if (fate === undefined || job === undefined || pool === undefined) throw new Error(`${id} cannot start on ${cluster}.`);
    const left = this.left.get(id) ?? 0;
    const { institution, tier, priority, resources, isPreemptible } = fate.job;
    const holding: Holding = {
      ...{ id, institution, tier, priority, resources, isPreemptible, cluster, pool: poolName },
      window: fate.job.window,
      startedAt: this.now * 1000,
      remainingSeconds: null,
      endsBy: null,
      checkpointAt: null,
      preemptions: fate.preemptions,
      isYielding: false,
    };
    const run: Run = { fate, pool, holding, left, isYielding: false };
    this.waiting.delete(id);
    this.runs.set(id, run);
    fate.startedAt ??= this.now;
    fate.cluster = cluster;
    this.use.change(institution, pool, amountOn(pool, resources).units, this.now);
    this.events.push({ at: this.now + left, kind: "end", run });
  }

  private yield(id: string): void {
    const run = this.runs.get(id);
    if (run === undefined || run.isYielding) throw new Error(`${id} cannot yield.`);
    run.isYielding = true;
    this.events.push({ at: this.now + (this.world.saveSeconds ?? 30), kind: "saved", run });
  }

  /** A run ends with its work, or has saved what it did and goes back into the line. */
  private end(run: Run, isDone: boolean): void {
    const { fate, pool, holding, left } = run;
    if (this.runs.get(fate.job.id) !== run) return;
    this.runs.delete(fate.job.id);
    this.use.change(fate.job.institution, pool, -amountOn(pool, fate.job.resources).units, this.now);
    if (isDone) {
      fate.endedAt = this.now;
      return;
    }
    this.left.set(fate.job.id, Math.max(1, left - (this.now - holding.startedAt / 1000)));
    fate.preemptions += 1;
    this.queue(fate, fate.job.arrivesAt);
  }

  private queue({ job, cluster }: Fate, place: number): void {
    const part = (this.left.get(job.id) ?? job.seconds) / job.seconds;
    const { id, institution, tier, priority, resources, estimate } = job;
    this.waiting.set(id, {
      ...{ id, institution, tier, priority, resources },
      window: job.window,
      queuedAt: place * 1000,
      waitingSince: this.now * 1000,
      seconds: { low: estimate.low * part, high: estimate.high * part },
      limitSeconds: null,
      notBefore: null,
      sensitivity: "internal",
      region: null,
      gpuMemoryBytes: null,
      lastCluster: cluster,
    });
  }

  private situation(): Situation {
    const { clusters, weights, limits = new Map(), floors = [], reservations = [] } = this.world;
    return {
      ...{ clusters, limits, floors, reservations, rules: this.rules },
      now: this.now * 1000,
      waiting: [...this.waiting.values()],
      holding: [...this.runs.values()].map((run) => this.held(run)),
      accounts: this.use.accounts(weights, this.now),
    };
  }

  private held({ fate, holding, left, isYielding }: Run): Holding {
    const ran = this.now - holding.startedAt / 1000;
    const part = left / fate.job.seconds;
    const { low, high } = fate.job.estimate;
    return {
      ...holding,
      isYielding,
      remainingSeconds: { low: Math.max(0, low * part - ran), high: Math.max(0, high * part - ran) },
    };
  }
}
