import type { LogLine, Logs } from "@ziggurat/contracts";

/** Lines held in the page: one unbroken range of the log. Older ones are read again when wanted. */
export interface LogWindow {
  /** Place of the first held line in the log as filtered, from 0. */
  readonly offset: number;
  readonly lines: readonly LogLine[];
  readonly total: number;
}

export const MOST_LINES = 20_000;
export const EMPTY_WINDOW: LogWindow = { offset: 0, lines: [], total: 0 };

export function windowEnd(held: LogWindow): number {
  return held.offset + held.lines.length;
}

/** The window after an answer that was asked for from `offset` (negative: from the end). A range that touches the window joins it, any other replaces it. */
export function withRange(held: LogWindow, offset: number, answer: Logs): LogWindow {
  const from = offset < 0 ? Math.max(0, answer.total - answer.lines.length) : offset;
  const until = from + answer.lines.length;
  const { total } = answer;
  if (held.lines.length > 0 && from >= held.offset && from <= windowEnd(held)) {
    const lines = [...held.lines.slice(0, from - held.offset), ...answer.lines];
    return trimFront({ offset: held.offset, total, lines: until < windowEnd(held) ? held.lines : lines });
  }
  if (held.lines.length > 0 && from < held.offset && until >= held.offset) {
    return { offset: from, total, lines: [...answer.lines, ...held.lines.slice(until - held.offset)].slice(0, MOST_LINES) };
  }
  return { offset: from, total, lines: answer.lines };
}

function trimFront(held: LogWindow): LogWindow {
  const surplus = held.lines.length - MOST_LINES;
  return surplus <= 0 ? held : { ...held, offset: held.offset + surplus, lines: held.lines.slice(surplus) };
}

const ESC = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
const ESCAPES = new RegExp(`${ESC}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${BELL}]*${BELL}?|[@-Z\\\\-_])`, "g");

/** Text of a line without terminal escapes and control characters. */
export function plainText(text: string): string {
  return [...text.replace(ESCAPES, "")].filter((character) => character === "\t" || character >= " ").join("");
}
