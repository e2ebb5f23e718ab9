/** A job that waits, as admission sees it. */
export interface Waiting {
  readonly id: string;
  /** Whose places it takes. */
  readonly institution: string;
  /** Lower goes first. */
  readonly priority: number;
  /** Milliseconds since the epoch. */
  readonly queuedAt: number;
  /** How long it will run, in seconds, where an estimate exists. */
  readonly seconds: { readonly low: number; readonly high: number } | null;
}

/** A run that holds a place, with the seconds it is expected to hold it from now on. */
export interface Holding {
  readonly institution: string;
  readonly remainingSeconds: { readonly low: number; readonly high: number } | null;
}

/** Places that an institution may hold at once, and whether it may go above them while nobody within theirs waits. */
export interface PlaceLimit {
  readonly places: number;
  readonly mayBorrow: boolean;
}

export interface Place {
  readonly id: string;
  /** From 1 in the order of the queue. */
  readonly position: number;
  readonly isAdmitted: boolean;
  /** It starts above its institution's limit, on a place that nobody within theirs waits for. */
  readonly isBorrowed: boolean;
  /** What it waits for: nothing when it is admitted, its institution's own limit, or a free place. */
  readonly waitsFor: "nothing" | "quota" | "capacity";
  /** Seconds from now until it starts; null when an estimate is missing on the way. */
  readonly startsIn: { readonly low: number; readonly high: number } | null;
}

/** First come, first served within a priority. Ids break ties, so the order never depends on the reader. */
export function inOrder(waiting: readonly Waiting[]): Waiting[] {
  return [...waiting].sort((a, b) => a.priority - b.priority || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1));
}

/**
 * Gives free places to the head of the queue and says for everyone else when their turn comes. Who is at the limit of their institution is
 * passed over and does not hold up the others. A place that is left over then may be borrowed: nobody within theirs waits for it. What runs
 * on a borrowed place is not stopped when somebody comes; there is only no new one until they have theirs.
 */
export function admit(
  slots: number,
  holding: readonly Holding[],
  waiting: readonly Waiting[],
  limits: ReadonlyMap<string, PlaceLimit> = new Map(),
): Place[] {
  const order = inOrder(waiting);
  const admitted = starts(Math.max(0, slots - holding.length), holding, order, limits);
  const low = new Forecast(slots, holding, limits, (seconds) => seconds?.low ?? null);
  const high = new Forecast(slots, holding, limits, (seconds) => seconds?.high ?? null);
  return order.map((job, index) => {
    const [earliest, latest] = [low.take(job), high.take(job)];
    const start = admitted.get(job.id);
    return {
      id: job.id,
      position: index + 1,
      isAdmitted: start === "own" || start === "borrowed",
      isBorrowed: start === "borrowed",
      waitsFor: start === "own" || start === "borrowed" ? "nothing" : (start ?? "capacity"),
      startsIn: earliest === null || latest === null ? null : { low: earliest, high: latest },
    };
  });
}

/** How each job fares now: within its own, borrowed, or held by the limit. Those left out wait for a place. */
function starts(
  free: number,
  holding: readonly Holding[],
  order: readonly Waiting[],
  limits: ReadonlyMap<string, PlaceLimit>,
): Map<string, "own" | "borrowed" | "quota"> {
  const found = new Map<string, "own" | "borrowed" | "quota">();
  const held = new Map<string, number>();
  for (const { institution } of holding) held.set(institution, (held.get(institution) ?? 0) + 1);
  let left = free;
  for (const { id, institution } of order) {
    const limit = limits.get(institution);
    const mine = held.get(institution) ?? 0;
    if (limit !== undefined && mine >= limit.places) found.set(id, "quota");
    else {
      // Counted also when no place is free, so that who comes later in the same institution is told of its limit.
      held.set(institution, mine + 1);
      if (left > 0) {
        left -= 1;
        found.set(id, "own");
      }
    }
  }
  for (const { id, institution } of order) {
    if (left === 0) break;
    if (found.get(id) !== "quota" || limits.get(institution)?.mayBorrow !== true) continue;
    left -= 1;
    found.set(id, "borrowed");
  }
  return found;
}

/** When places are free, on the cluster and within each institution's own limit. */
class Forecast {
  private readonly cluster: (number | null)[];
  private readonly own = new Map<string, (number | null)[]>();

  constructor(
    slots: number,
    holding: readonly Holding[],
    limits: ReadonlyMap<string, PlaceLimit>,
    private readonly pick: (seconds: { readonly low: number; readonly high: number } | null) => number | null,
  ) {
    this.cluster = placesFreeAt(
      slots,
      holding.map((run) => pick(run.remainingSeconds)),
    );
    for (const [institution, limit] of limits) {
      if (limit.mayBorrow) continue;
      const mine = holding.filter((run) => run.institution === institution).map((run) => pick(run.remainingSeconds));
      this.own.set(institution, limitFreeAt(limit.places, mine));
    }
  }

  /** Seconds until this job has both a place and its institution's leave, and takes both for as long as it runs. */
  take(job: Waiting): number | null {
    const own = this.own.get(job.institution);
    const seconds = this.pick(job.seconds);
    const leave = own === undefined ? 0 : first(own);
    const place = first(this.cluster);
    const start = place.at === null || (leave !== 0 && leave.at === null) ? null : Math.max(place.at, leave === 0 ? 0 : (leave.at ?? 0));
    const end = start === null || seconds === null ? null : start + seconds;
    // Who cannot say when it starts takes no place from those behind it, unless the cluster itself is unknown.
    if (start !== null || leave === 0) {
      if (place.index !== -1) this.cluster[place.index] = end;
      if (leave !== 0 && own !== undefined && leave.index !== -1) own[leave.index] = end;
    }
    return start;
  }
}

/** Seconds until each place is free; null where nobody knows. */
function placesFreeAt(slots: number, remaining: readonly (number | null)[]): (number | null)[] {
  return Array.from({ length: Math.max(slots, remaining.length) }, (_, place) =>
    place < remaining.length ? (remaining[place] ?? null) : 0,
  );
}

/** The same within a limit: of more runs than it allows, the first to end give nothing back. */
function limitFreeAt(places: number, remaining: readonly (number | null)[]): (number | null)[] {
  if (remaining.length <= places) return placesFreeAt(places, remaining);
  const sorted = [...remaining].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
  return sorted.slice(remaining.length - places);
}

/** The place that is free first. Unknown places come last, since nobody can promise them. */
function first(places: readonly (number | null)[]): { readonly index: number; readonly at: number | null } {
  let index = -1;
  for (const [place, at] of places.entries()) {
    const best = places[index] ?? null;
    if (at !== null && (best === null || at < best)) index = place;
  }
  return { index, at: places[index] ?? null };
}
