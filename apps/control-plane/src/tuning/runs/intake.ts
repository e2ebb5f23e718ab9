import type { JobState, TrainerEvent } from "@ziggurat/contracts";

/** Columns of one stored event. */
export interface StoredEvent {
  readonly seq: number;
  readonly attempt_seq: number;
  readonly at: string;
  readonly type: string;
  readonly data: object;
  readonly log_line: number | null;
  readonly metric_key: string | null;
  readonly metric_step: number | null;
  readonly metric_value: number | string | null;
}

/** Whether a batch goes on from `last` without a gap and counts up by one; events up to `last` were stored before. */
export function continues(last: number, events: readonly Pick<TrainerEvent, "seq">[]): boolean {
  const [first] = events;
  if (first === undefined) return true;
  return first.seq <= last + 1 && events.every((event, index) => event.seq === first.seq + index);
}

/** Rows of new events. `afterSeq` and `afterLine` are the last numbers of the job. Text that no column can hold is replaced. */
export function storedEvents(events: readonly TrainerEvent[], afterSeq: number, afterLine: number): StoredEvent[] {
  let line = afterLine;
  return events.map((event, index) => {
    const { seq, at, type, ...data } = event;
    return {
      seq: afterSeq + index + 1,
      attempt_seq: seq,
      at,
      type,
      data: holdable(data),
      log_line: event.type === "log" ? line++ : null,
      metric_key: event.type === "metric" ? holdableText(event.key) : null,
      metric_step: event.type === "metric" ? event.step : null,
      metric_value: event.type === "metric" ? event.value : null,
    };
  });
}

/** The furthest state that a run's events prove, or null when they prove none. */
export function provenState(events: readonly TrainerEvent[]): JobState | null {
  const ranks = events.map((event) => RANKED.indexOf(stateOf(event) ?? "scheduled"));
  const furthest = Math.max(0, ...ranks);
  return furthest === 0 ? null : (RANKED[furthest] ?? null);
}

/** States that a job has to pass, in order, to get from `from` to `to`; empty when it is there or beyond. */
export function stepsBetween(from: JobState, to: JobState): JobState[] {
  const start = RANKED.indexOf(from);
  return start === -1 ? [] : RANKED.slice(start + 1, RANKED.indexOf(to) + 1);
}

const RANKED: readonly JobState[] = ["scheduled", "starting", "running", "collecting"];

function stateOf(event: TrainerEvent): JobState | null {
  switch (event.type) {
    case "state":
      return event.state === "uploading" || event.state === "finished" ? "collecting" : event.state;
    case "progress":
    case "metric":
    case "checkpoint":
      return "running";
    case "log":
    case "failure":
      return null;
  }
}

function holdable(data: object): object {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === "string" ? holdableText(value) : value]));
}

/** PostgreSQL's text has no NUL and its jsonb no half of a surrogate pair. */
function holdableText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").replace(/\p{Surrogate}/gu, "\uFFFD");
}
