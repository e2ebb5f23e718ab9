import { windowAt } from "../capacity/job-window.js";
import { Shares } from "../fair-share/shares.js";
import { unitsOf } from "../placement/cluster-state.js";
import type { Rejected } from "../placement/match-clusters.js";
import { pickPool } from "../placement/pick-pool.js";
import type { Block, Decision, Pass, Start, Yield } from "./decision.js";
import { fairOrder } from "./fair-order.js";
import { forecast } from "./forecast.js";
import { Ledgers } from "./ledgers.js";
import { type Option, OptionsByWish } from "./options.js";
import { BEHIND, type Candidate, type Obstacle } from "./pool-ledger.js";
import { Quotas } from "./quotas.js";
import { plannedSeconds, type Situation, type Waiting } from "./situation.js";
import { chooseYields, type YieldFacts } from "./yields.js";

/**
 * Decides which jobs start, where, and what each of the others waits for. Jobs are looked at in their fair order; each takes its places whole
 * or not at all. The first that finds no room keeps its pool free for itself: whoever comes after it may start only where that does not delay
 * it. Who is held by a quota, a window or the lack of a cluster is passed over and holds up nobody. What is left over then may be borrowed.
 */
export function admit(situation: Situation): Pass {
  const clusters = [...situation.clusters].sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Admission({ ...situation, clusters }).run();
}

/** What stands in the way of each option, in their order. */
type Obstacles = readonly (Obstacle | null)[];

interface Outcome {
  readonly start: Start | null;
  readonly block: Block | null;
}

class Admission {
  private readonly ledgers: Ledgers;
  /** Shares with what this pass has looked at: they make the order. */
  private readonly planned: Shares;
  /** Shares with what has been given: they decide who may take from whom. */
  private readonly standing: Shares;
  private readonly quotas: Quotas;
  private readonly yields: Yield[] = [];
  private tries = 0;
  private readonly options: OptionsByWish;

  constructor(private readonly situation: Situation) {
    this.ledgers = new Ledgers(situation);
    this.planned = new Shares(situation.clusters, situation.accounts);
    this.standing = new Shares(situation.clusters, situation.accounts);
    this.quotas = new Quotas(situation);
    this.options = new OptionsByWish(situation, this.ledgers);
    for (const { run, pool, amount } of this.ledgers.held)
      for (const shares of [this.planned, this.standing]) shares.add(run.institution, pool, amount);
  }

  run(): Pass {
    this.closeWindows();
    const order: Waiting[] = [];
    const outcomes = new Map<string, Outcome>();
    const borrowers: Waiting[] = [];
    for (const { job } of fairOrder(this.situation, this.planned, (one) => this.options.of(one).piece)) {
      order.push(job);
      const outcome = this.look(job);
      if (outcome === "borrows") borrowers.push(job);
      else outcomes.set(job.id, outcome);
    }
    for (const job of borrowers) outcomes.set(job.id, this.borrow(job));
    return { decisions: this.decisions(order, outcomes), yields: this.yields };
  }

  private look(job: Waiting): Outcome | "borrows" {
    const { now } = this.situation;
    const { usable, rejected, piece } = this.options.of(job);
    if (piece === null) return wait({ kind: "nowhere", rejected });
    if (job.notBefore !== null && job.notBefore > now) return wait({ kind: "backoff", until: job.notBefore });
    const { isOpen, until } = windowAt(job.window, now);
    if (!isOpen) return wait({ kind: "window", until });
    const quota = this.quotas.ask(job);
    if (quota === "borrows") return "borrows";
    if (quota !== null) return wait(quota);
    this.quotas.take(job);
    const obstacles = this.obstacles(job, usable);
    const outcome = this.start(job, usable, obstacles, rejected, false) ?? this.keepFree(job, usable, obstacles);
    this.planned.add(job.institution, piece.pool, piece.amount);
    return outcome;
  }

  /** On what is left over. Nobody is moved and nothing is kept free for it. */
  private borrow(job: Waiting): Outcome {
    const { usable, rejected } = this.options.of(job);
    const started = this.start(job, usable, this.obstacles(job, usable), rejected, true);
    if (started === null) return wait(this.quotas.blockOf(job));
    this.quotas.take(job);
    return started;
  }

  private obstacles(job: Waiting, usable: readonly Option[]): Obstacles {
    const seconds = plannedSeconds(job, this.situation.rules);
    return usable.map(({ ledger, amount }) => ledger.obstacle(job, amount, job.resources.nodes, seconds));
  }

  private start(
    job: Waiting,
    usable: readonly Option[],
    obstacles: Obstacles,
    rejected: readonly Rejected[],
    isBorrowed: boolean,
  ): Outcome | null {
    if (!obstacles.includes(null)) return null;
    const free = usable.filter((_, index) => obstacles[index] === null);
    const picked = pickPool(job.lastCluster, usable, free, rejected);
    if (picked === null) return null;
    const { option, placement } = picked;
    const { cluster, pool } = option.match;
    option.ledger.start(this.candidate(job, option));
    this.standing.add(job.institution, pool, option.amount);
    const gpuType = job.resources.gpusPerNode > 0 ? pool.gpuType : null;
    return { start: { cluster: cluster.name, pool: pool.name, gpuType, isBorrowed, placement }, block: null };
  }

  /** It finds no room: others may have to make some for it, and where it is the first one, the pool is kept free for it. */
  private keepFree(job: Waiting, usable: readonly Option[], obstacles: Obstacles): Outcome {
    const makesRoom = this.makeRoom(job, usable);
    if (makesRoom !== null) return makesRoom;
    let soonest: { readonly option: Option; readonly at: number } | null = null;
    for (const option of usable) {
      const at = option.ledger.hasHead ? null : option.ledger.earliest(this.candidate(job, option));
      if (at !== null && (soonest === null || at < soonest.at)) soonest = { option, at };
    }
    if (soonest !== null) {
      const { ledger } = soonest.option;
      ledger.protect(this.candidate(job, soonest.option), soonest.at);
      ledger.hasHead = true;
    }
    return wait(blockOf(job, usable, obstacles, soonest?.option ?? null));
  }

  private makeRoom(job: Waiting, usable: readonly Option[]): Outcome | null {
    const { now, rules } = this.situation;
    const left = rules.maxYields - this.yields.length;
    if ((now - job.waitingSince) / 1000 < rules.patienceSeconds[job.priority] || left <= 0) return null;
    const facts: YieldFacts = { now, rules, standing: this.standing, borrowedBy: (institution) => this.quotas.borrowedBy(institution) };
    const then = now + rules.yieldSeconds * 1000;
    for (const option of usable) {
      const { match, ledger, amount } = option;
      if (!ledger.mayYield || this.tries >= MAX_TRIES) continue;
      this.tries += 1;
      const candidate = this.candidate(job, option);
      const chosen = chooseYields(job, candidate, ledger, facts);
      if (chosen === null || chosen.length > left) continue;
      // Room that is coming anyway is for whoever is first in the line.
      if (chosen.length === 0 && !ledger.hasYielding) continue;
      for (const { entry, run, kind } of chosen) {
        ledger.hasten(entry, then);
        this.quotas.returned(run);
        this.yields.push({ runId: run.id, kind, jobId: job.id });
      }
      ledger.protect(candidate, then);
      this.standing.add(job.institution, match.pool, amount);
      return wait({ kind: "yielding", until: then, cluster: match.cluster.name, units: unitsOf(job.resources) });
    }
    return null;
  }

  private candidate(job: Waiting, { amount }: Option): Candidate {
    return { taker: job, amount, nodes: job.resources.nodes, seconds: plannedSeconds(job, this.situation.rules) };
  }

  /** Runs whose window has closed go back to the line until it opens again. */
  private closeWindows(): void {
    const { now, rules } = this.situation;
    for (const { run, ledger, entry } of this.ledgers.held) {
      if (!run.isPreemptible || run.isYielding || windowAt(run.window, now).isOpen) continue;
      this.yields.push({ runId: run.id, kind: "window", jobId: null });
      ledger.hasten(entry, now + rules.yieldSeconds * 1000);
    }
  }

  private decisions(order: readonly Waiting[], outcomes: ReadonlyMap<string, Outcome>): Decision[] {
    const starts = forecast(this.situation, this.ledgers, order, outcomes, (job) => this.options.of(job).usable);
    const ahead = new Map<string, number>();
    return order.map((job) => {
      const { start, block } = outcomes.get(job.id) ?? wait({ kind: "nowhere", rejected: [] });
      const position = start === null ? (ahead.get(job.institution) ?? 0) + 1 : 0;
      if (start === null) ahead.set(job.institution, position);
      return { job, position, start, block, isAboveShare: this.standing.isAbove(job.institution), startsIn: starts.get(job.id) ?? null };
    });
  }
}

/** Jobs of one pass for which room is looked for on a pool: whoever comes later in the line would hardly find any. */
const MAX_TRIES = 256;
const NEARNESS: readonly Obstacle["code"][] = ["behind", "reservation", "floor", "gang", "capacity"];

/** The obstacle on the pool that is kept free for it, or else of several the one that is nearest to a start. */
function blockOf({ resources }: Waiting, usable: readonly Option[], obstacles: Obstacles, kept: Option | null): Block {
  let nearest = kept === null ? 0 : usable.indexOf(kept);
  if (kept === null)
    for (const [index, obstacle] of obstacles.entries()) if (nearnessOf(obstacle) < nearnessOf(obstacles[nearest])) nearest = index;
  return {
    kind: "room",
    obstacle: obstacles[nearest] ?? BEHIND,
    cluster: usable[nearest]?.match.cluster.name ?? "",
    units: unitsOf(resources),
    nodes: resources.nodes,
  };
}

function nearnessOf(obstacle: Obstacle | null | undefined): number {
  return obstacle == null ? 0 : NEARNESS.indexOf(obstacle.code);
}

function wait(block: Block): Outcome {
  return { start: null, block };
}
