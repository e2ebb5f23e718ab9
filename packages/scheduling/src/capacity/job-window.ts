import { type JobWindow, WEEKDAYS } from "@ziggurat/contracts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Whether a window is open, and when that ends: it closes then, or opens then. `until` is null for one that never closes. */
export interface WindowState {
  readonly isOpen: boolean;
  readonly until: number | null;
}

/** How a window stands at an instant in milliseconds. A job without one may always run. */
export function windowAt(asked: JobWindow | null, at: number): WindowState {
  if (asked === null) return { isOpen: true, until: null };
  const spans = spansAround(asked, at);
  const open = spans.find(({ from, until }) => from <= at && at < until);
  if (open === undefined) return { isOpen: false, until: spans.find(({ from }) => from > at)?.from ?? null };
  const until = endOf(open.until, spans);
  // Open for more than a week on end is open for good.
  return { isOpen: true, until: until - at > 7 * DAY ? null : until };
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** The window's openings from the day before until ten days later, in order: enough for any set of weekdays. */
function spansAround({ days, from, until, utcOffset }: JobWindow, at: number): Span[] {
  const offset = offsetOf(utcOffset) * MINUTE;
  const [opens, closes] = [minutesOf(from) * MINUTE, minutesOf(until) * MINUTE];
  const length = closes > opens ? closes - opens : closes - opens + DAY;
  const today = Math.floor((at + offset) / DAY);
  return Array.from({ length: 12 }, (_, index) => today - 1 + index)
    .filter((day) => days.includes(weekdayOf(day)))
    .map((day) => ({ from: day * DAY + opens - offset, until: day * DAY + opens - offset + length }));
}

/** The end of a run of openings that follow one another without a gap. */
function endOf(end: number, spans: readonly Span[]): number {
  const next = spans.find(({ from, until }) => from <= end && until > end);
  return next === undefined ? end : endOf(next.until, spans);
}

/** Days are counted from 1970-01-01, a Thursday. */
function weekdayOf(day: number): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? "mon";
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

function offsetOf(text: string): number {
  return (text.startsWith("-") ? -1 : 1) * minutesOf(text.slice(1));
}
