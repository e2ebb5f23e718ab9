/** A job that waits, as admission sees it. */
export interface Waiting {
  readonly id: string;
  /** Lower goes first. */
  readonly priority: number;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
  /** How long it will run, in seconds, where an estimate exists. */
  readonly seconds: { readonly low: number; readonly high: number } | null;
}

/** A run that holds a place, with the seconds it is expected to hold it from now on. */
export interface Holding {
  readonly remainingSeconds: { readonly low: number; readonly high: number } | null;
}

export interface Place {
  readonly id: string;
  /** From 1 in the order of the queue. */
  readonly position: number;
  readonly isAdmitted: boolean;
  /** Seconds from now until it starts; null when an estimate is missing on the way. */
  readonly startsIn: { readonly low: number; readonly high: number } | null;
}

/** First come, first served within a priority. Ids break ties, so the order never depends on the reader. */
export function inOrder(waiting: readonly Waiting[]): Waiting[] {
  return [...waiting].sort((a, b) => a.priority - b.priority || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1));
}

/**
 * Gives free places to the head of the queue and says for everyone else when their turn comes. Small jobs do not overtake:
 * every job takes one place, so nothing would be gained.
 */
export function admit(slots: number, holding: readonly Holding[], waiting: readonly Waiting[]): Place[] {
  const free = Math.max(0, slots - holding.length);
  const low = placesFreeAt(
    slots,
    holding.map((run) => run.remainingSeconds?.low ?? null),
  );
  const high = placesFreeAt(
    slots,
    holding.map((run) => run.remainingSeconds?.high ?? null),
  );
  return inOrder(waiting).map((job, index) => {
    const earliest = take(low, job.seconds?.low ?? null);
    const latest = take(high, job.seconds?.high ?? null);
    return {
      id: job.id,
      position: index + 1,
      isAdmitted: index < free,
      startsIn: earliest === null || latest === null ? null : { low: earliest, high: latest },
    };
  });
}

/** Seconds until each place is free; null where nobody knows. */
function placesFreeAt(slots: number, remaining: readonly (number | null)[]): (number | null)[] {
  return Array.from({ length: Math.max(slots, remaining.length) }, (_, place) =>
    place < remaining.length ? (remaining[place] ?? null) : 0,
  );
}

/** Takes the place that is free first and holds it for `seconds`. Unknown places come last, since nobody can promise them. */
function take(places: (number | null)[], seconds: number | null): number | null {
  let first = -1;
  for (const [place, at] of places.entries()) {
    const best = places[first] ?? null;
    if (at !== null && (best === null || at < best)) first = place;
  }
  if (first === -1) return null;
  const start = places[first] ?? null;
  places[first] = start === null || seconds === null ? null : start + seconds;
  return start;
}
