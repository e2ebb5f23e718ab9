import { windowAt } from "../capacity/job-window.js";
import { Shares } from "../fair-share/shares.js";
import { amountOn, unitsOf } from "../placement/cluster-state.js";
import { type Match, type Matches, matchClusters } from "../placement/match-clusters.js";
import { pickPool } from "../placement/pick-pool.js";
import type { Block, Decision, Pass, Start, Yield } from "./decision.js";
import { fairOrder } from "./fair-order.js";
import { forecast } from "./forecast.js";
import { Ledgers } from "./ledgers.js";
import type { Candidate, Obstacle, PoolLedger } from "./pool-ledger.js";
import { Quotas } from "./quotas.js";
import { plannedSeconds, type Situation, type Waiting } from "./situation.js";
import { chooseYields, type YieldFacts } from "./yields.js";

/**
 * Decides which jobs start, where, and what each of the others waits for. Jobs are looked at in their fair order; each takes its places whole
 * or not at all. The first that finds no room keeps its pool free for itself: whoever comes after it may start only where that does not delay
 * it. Who is held by a quota, a window or the lack of a cluster is passed over and holds up nobody. What is left over then may be borrowed.
 */
export function admit(situation: Situation): Pass {
  return new Admission(situation).run();
}

/** A pool that a job may take, with what it would take of it. */
interface Option {
  readonly match: Match;
  readonly ledger: PoolLedger;
  readonly candidate: Candidate;
}

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
  private readonly matches = new Map<string, Matches>();

  constructor(private readonly situation: Situation) {
    this.ledgers = new Ledgers(situation);
    this.planned = new Shares(situation.clusters, situation.accounts);
    this.standing = new Shares(situation.clusters, situation.accounts);
    this.quotas = new Quotas(situation);
    for (const { run, pool, amount } of this.ledgers.held)
      for (const shares of [this.planned, this.standing]) shares.add(run.institution, pool, amount);
  }

  run(): Pass {
    this.closeWindows();
    const order: Waiting[] = [];
    const outcomes = new Map<string, Outcome>();
    const borrowers: Waiting[] = [];
    for (const { job } of fairOrder(this.situation, this.planned)) {
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
    const matches = this.matchesOf(job);
    if (matches.usable.length === 0) return wait({ kind: "nowhere", rejected: matches.rejected });
    if (job.notBefore !== null && job.notBefore > now) return wait({ kind: "backoff", until: job.notBefore });
    const window = windowAt(job.window, now);
    if (!window.isOpen) return wait({ kind: "window", until: window.until });
    const quota = this.quotas.ask(job);
    if (quota === "borrows") return "borrows";
    if (quota !== null) return wait(quota);
    this.quotas.take(job);
    const options = this.optionsOf(job, matches);
    const outcome = this.start(job, options, matches, false) ?? this.keepFree(job, options);
    const [first] = options;
    if (first !== undefined) this.planned.add(job.institution, first.match.pool, first.candidate.amount);
    return outcome;
  }

  /** On what is left over. Nobody is moved and nothing is kept free for it. */
  private borrow(job: Waiting): Outcome {
    const matches = this.matchesOf(job);
    const options = this.optionsOf(job, matches);
    const started = this.start(job, options, matches, true);
    if (started === null) return wait(this.quotas.blockOf(job));
    this.quotas.take(job);
    return started;
  }

  private start(job: Waiting, options: readonly Option[], matches: Matches, isBorrowed: boolean): Outcome | null {
    const free = options.filter(({ ledger, candidate }) => ledger.obstacle(candidate) === null);
    const picked = pickPool(job.lastCluster, options, free, matches.rejected);
    if (picked === null) return null;
    const { option, placement } = picked;
    const { cluster, pool } = option.match;
    option.ledger.start(option.candidate);
    this.standing.add(job.institution, pool, option.candidate.amount);
    const gpuType = job.resources.gpusPerNode > 0 ? pool.gpuType : null;
    return { start: { cluster: cluster.name, pool: pool.name, gpuType, isBorrowed, placement }, block: null };
  }

  /** It finds no room: others may have to make some for it, and where it is the first one, the pool is kept free for it. */
  private keepFree(job: Waiting, options: readonly Option[]): Outcome {
    const makesRoom = this.makeRoom(job, options);
    if (makesRoom !== null) return makesRoom;
    const open = options.filter(({ ledger }) => !ledger.hasHead);
    const soonest = open
      .map((option) => ({ option, at: option.ledger.earliest(option.candidate) }))
      .flatMap(({ option, at }) => (at === null ? [] : [{ option, at }]))
      .sort((a, b) => a.at - b.at)[0];
    if (soonest !== undefined) {
      soonest.option.ledger.protect(soonest.option.candidate, soonest.at);
      soonest.option.ledger.hasHead = true;
    }
    return wait(this.blockOf(job, soonest === undefined ? options : [soonest.option]));
  }

  private makeRoom(job: Waiting, options: readonly Option[]): Outcome | null {
    const { now, rules } = this.situation;
    const left = rules.maxYields - this.yields.length;
    if ((now - job.waitingSince) / 1000 < rules.patienceSeconds[job.priority] || left <= 0) return null;
    const facts: YieldFacts = { now, rules, standing: this.standing, borrowedBy: (institution) => this.quotas.borrowedBy(institution) };
    const then = now + rules.yieldSeconds * 1000;
    for (const { match, ledger, candidate } of options) {
      if (!ledger.mayYield || this.tries >= MAX_TRIES) continue;
      this.tries += 1;
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
      this.standing.add(job.institution, match.pool, candidate.amount);
      return wait({ kind: "yielding", until: then, cluster: match.cluster.name, units: unitsOf(job.resources) });
    }
    return null;
  }

  /** Of several pools' obstacles the one that is nearest to a start. */
  private blockOf(job: Waiting, options: readonly Option[]): Block {
    const found = options.flatMap(({ match, ledger, candidate }) => {
      const obstacle = ledger.obstacle(candidate);
      return obstacle === null ? [] : [{ match, obstacle }];
    });
    const [nearest] = found.sort((a, b) => NEARNESS.indexOf(a.obstacle.code) - NEARNESS.indexOf(b.obstacle.code));
    const { nodes } = job.resources;
    return {
      kind: "room",
      obstacle: nearest?.obstacle ?? { code: "behind", until: null },
      cluster: nearest?.match.cluster.name ?? options[0]?.match.cluster.name ?? "",
      units: unitsOf(job.resources),
      nodes,
    };
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

  private optionsOf(job: Waiting, { usable }: Matches): Option[] {
    const seconds = plannedSeconds(job, this.situation.rules);
    return usable.map((match) => ({
      match,
      ledger: this.ledgers.of(match),
      candidate: { taker: job, amount: amountOn(match.pool, job.resources), nodes: job.resources.nodes, seconds },
    }));
  }

  /** Most jobs of a long line wish for one of a few things. */
  private matchesOf(job: Waiting): Matches {
    const { tier, sensitivity, region, gpuMemoryBytes, lastCluster, resources } = job;
    const { nodes, gpusPerNode, gpuType, cpusPerNode, memoryMbPerNode } = resources;
    const key = [tier, sensitivity, region, gpuMemoryBytes, lastCluster, nodes, gpusPerNode, gpuType, cpusPerNode, memoryMbPerNode].join(
      " ",
    );
    const known = this.matches.get(key);
    if (known !== undefined) return known;
    const found = matchClusters(job, this.situation.clusters);
    this.matches.set(key, found);
    return found;
  }

  private decisions(order: readonly Waiting[], outcomes: ReadonlyMap<string, Outcome>): Decision[] {
    const starts = forecast(this.situation, this.ledgers, order, outcomes, (job) => this.matchesOf(job).usable);
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

function wait(block: Block): Outcome {
  return { start: null, block };
}
