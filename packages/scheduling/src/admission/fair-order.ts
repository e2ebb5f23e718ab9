import TinyQueue from "tinyqueue";
import type { Piece, Shares } from "../fair-share/shares.js";
import { agedRank, isOverdue, rankOf } from "../priority.js";
import type { SchedulingRules, Situation, Waiting } from "./situation.js";

/** Who goes before whom for a reason that outweighs shares. */
export const BANDS = ["ordered", "overdue", "shared"] as const;
export type Band = (typeof BANDS)[number];

export interface Turn {
  readonly job: Waiting;
  readonly band: Band;
}

/** One institution's jobs of a band, in their order. */
interface Line {
  readonly institution: string;
  readonly jobs: readonly Waiting[];
  readonly next: number;
  readonly head: Waiting;
  readonly share: number;
}

/**
 * The order in which jobs are looked at. First the evaluations that others wait for; then, of each institution that holds nothing, the oldest
 * job that has waited longer than its class should; then everything else. Between institutions the smallest share is next; within one the
 * higher class, then the longer wait. Bulk gets its share and no credit for an idle past, so that a campaign that begins takes nobody else's.
 * Ids break ties, so no order of reading ever matters.
 *
 * Whoever looks at a job says what it would take before asking for the next one, since that moves its institution back.
 */
export function* fairOrder(situation: Situation, shares: Shares, pieceOf: PieceOf): Generator<Turn, void, void> {
  const bands = intoBands(situation);
  for (const band of BANDS) for (const job of merged(bands[band], shares, pieceOf)) yield { job, band };
}

/** What a job would take; null where no pool may take it. */
export type PieceOf = (job: Waiting) => Piece | null;

function intoBands({ now, waiting, holding, rules }: Situation): Readonly<Record<Band, Map<string, Waiting[]>>> {
  const found = { ordered: new Map(), overdue: new Map(), shared: new Map() } satisfies Record<Band, Map<string, Waiting[]>>;
  const overdue = oldestOverdue(waiting, new Set(holding.map(({ institution }) => institution)), now, rules);
  const ranks = new Map<Waiting, number>();
  for (const job of waiting) {
    const rank = agedRank(job.priority, waitedSeconds(job, now), rules.agesAfterSeconds);
    ranks.set(job, rank);
    const band: Band = rank === rankOf("ordered") ? "ordered" : overdue.has(job) ? "overdue" : "shared";
    const lines: Map<string, Waiting[]> = found[band];
    const line = lines.get(job.institution);
    if (line === undefined) lines.set(job.institution, [job]);
    else line.push(job);
  }
  const rankIn = (job: Waiting): number => ranks.get(job) ?? 0;
  for (const lines of Object.values(found))
    for (const line of lines.values()) line.sort((a: Waiting, b: Waiting) => rankIn(a) - rankIn(b) || byArrival(a, b));
  return found;
}

/** First come, first served. */
export function byArrival(a: Waiting, b: Waiting): number {
  return a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1);
}

export function waitedSeconds({ waitingSince }: Pick<Waiting, "waitingSince">, now: number): number {
  return (now - waitingSince) / 1000;
}

function oldestOverdue(waiting: readonly Waiting[], holders: ReadonlySet<string>, now: number, rules: SchedulingRules): Set<Waiting> {
  const oldest = new Map<string, Waiting>();
  for (const job of waiting) {
    if (holders.has(job.institution) || !isOverdue(job.priority, waitedSeconds(job, now), rules.agesAfterSeconds)) continue;
    const known = oldest.get(job.institution);
    if (known === undefined || byArrival(job, known) < 0) oldest.set(job.institution, job);
  }
  return new Set(oldest.values());
}

/** The lines as one: always the head of the line whose institution has the smallest share. */
function* merged(lines: ReadonlyMap<string, readonly Waiting[]>, shares: Shares, pieceOf: PieceOf): Generator<Waiting, void, void> {
  const queue = new TinyQueue<Line>([], byShare);
  const enter = (institution: string, jobs: readonly Waiting[], next: number): void => {
    const head = jobs[next];
    if (head === undefined) return;
    const piece = pieceOf(head);
    const share = head.priority === "bulk" ? shares.beforeWithoutCredit(institution, piece) : shares.before(institution, piece);
    queue.push({ institution, jobs, next, head, share });
  };
  for (const [institution, jobs] of lines) enter(institution, jobs, 0);
  for (let line = queue.pop(); line !== undefined; line = queue.pop()) {
    yield line.head;
    enter(line.institution, line.jobs, line.next + 1);
  }
}

function byShare(a: Line, b: Line): number {
  return a.share - b.share || byArrival(a.head, b.head);
}
