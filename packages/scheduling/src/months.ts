/** Calendar months of UTC, written `2026-11`. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** The month after. */
export function nextMonth(month: string): string {
  return monthOf(endOfMonth(month));
}

export function startOfMonth(month: string): Date {
  return new Date(`${month}-01T00:00:00.000Z`);
}

/** The first instant that is no longer in it. */
export function endOfMonth(month: string): Date {
  const start = startOfMonth(month);
  return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
}

export function daysOf(month: string): number {
  return (endOfMonth(month).getTime() - startOfMonth(month).getTime()) / 86_400_000;
}

/** How much of its month has passed at an instant, from 0 to 1, by days begun: a forecast stands still for a day. */
export function passedOf(at: Date): number {
  return at.getUTCDate() / daysOf(monthOf(at));
}
