import type { WaitReason } from "@ziggurat/contracts";
import { type Decision, reasonsOf } from "@ziggurat/scheduling";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { QueuedRow } from "./situation.repository.js";

/** What is written of a job that waits. */
export interface Note {
  readonly id: string;
  readonly waiting: readonly WaitReason[];
  readonly position: number;
  readonly range: { readonly earliest: string; readonly latest: string } | null;
  /** Only a job that waits for its next attempt is looked at by itself; the others are all looked at together. */
  readonly dueAt: Date | null;
}

/** A start that moved by less than this part of the time until then is not written anew. */
const MOVED_PART = 0.1;
const MOVED_MS = 30_000;

/** Why jobs wait, their place among their institution's own, and when they may start: of those of whom something changed. */
export function notesOf(decisions: readonly Decision[], rows: ReadonlyMap<string, QueuedRow>, now: number): Note[] {
  return decisions.flatMap((decision) => {
    const row = rows.get(decision.job.id);
    if (row === undefined || decision.start !== null) return [];
    const note = noteOf(decision, row, now);
    return isNew(note, row) ? [note] : [];
  });
}

/** Writes them all in one statement; their rows are locked. */
export async function writeNotes(tx: Tx, notes: readonly Note[]): Promise<void> {
  if (notes.length === 0) return;
  await tx.query(
    `update jobs j set waiting = n.waiting::jsonb, position = n.position, start_range = n.range::jsonb, due_at = n.due_at
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::timestamptz[]) as n (id, waiting, position, range, due_at)
     where j.id = n.id and j.state = 'queued'`,
    [
      notes.map(({ id }) => id),
      notes.map(({ waiting }) => JSON.stringify(waiting)),
      notes.map(({ position }) => position),
      notes.map(({ range }) => (range === null ? null : JSON.stringify(range))),
      notes.map(({ dueAt }) => dueAt),
    ],
  );
}

function noteOf(decision: Decision, row: QueuedRow, now: number): Note {
  const { job, position, startsIn, block } = decision;
  const range = startsIn === null ? null : { earliest: now + startsIn.low * 1000, latest: now + startsIn.high * 1000 };
  const told = toldRange(row.start_range);
  const stays = range !== null && told !== null && !moved(told.earliest, range.earliest, now) && !moved(told.latest, range.latest, now);
  const shown = stays ? told : range;
  return {
    id: job.id,
    waiting: reasonsOf(decision),
    position,
    range: shown === null ? null : { earliest: new Date(shown.earliest).toISOString(), latest: new Date(shown.latest).toISOString() },
    dueAt: block?.kind === "backoff" ? row.not_before : null,
  };
}

function moved(told: number, is: number, now: number): boolean {
  return Math.abs(told - is) > Math.max(MOVED_MS, MOVED_PART * (is - now));
}

function toldRange(stored: unknown): { readonly earliest: number; readonly latest: number } | null {
  if (typeof stored !== "object" || stored === null || !("earliest" in stored) || !("latest" in stored)) return null;
  const { earliest, latest } = stored;
  return typeof earliest === "string" && typeof latest === "string" ? { earliest: Date.parse(earliest), latest: Date.parse(latest) } : null;
}

function isNew({ waiting, position, range, dueAt }: Note, row: QueuedRow): boolean {
  return (
    position !== row.position ||
    dueAt?.getTime() !== row.due_at?.getTime() ||
    canonical(range) !== canonical(row.start_range) ||
    canonical(waiting) !== canonical(row.waiting)
  );
}

/** The database keeps keys in an order of its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
