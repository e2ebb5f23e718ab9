import type { LogLine, Logs } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { EMPTY_WINDOW, type LogWindow, MOST_LINES, plainText, windowEnd, withRange } from "./log-window.js";

const line = (number: number): LogLine => ({
  line: number,
  attempt: 1,
  at: "2026-11-24T12:00:00.000Z",
  stream: "stdout",
  text: `line ${number}`,
});
const answer = (from: number, until: number, total: number): Logs => ({
  lines: Array.from({ length: until - from }, (_, at) => line(from + at)),
  total,
  nextOffset: null,
});
const numbers = (held: LogWindow) => held.lines.map((own) => own.line);
const unbroken = (held: LogWindow) => held.lines.every((own, at) => own.line === held.offset + at);

describe("the held range of a log", () => {
  it("starts at the end", () => {
    const held = withRange(EMPTY_WINDOW, -100, answer(900, 1000, 1000));
    expect([held.offset, windowEnd(held), held.total]).toEqual([900, 1000, 1000]);
  });

  it("appends what is new, none twice and none missing, however the ranges overlap", () => {
    let held = withRange(EMPTY_WINDOW, -4, answer(6, 10, 10));
    held = withRange(held, 8, answer(8, 12, 12));
    held = withRange(held, 12, answer(12, 15, 15));
    held = withRange(held, 10, answer(10, 12, 15));
    expect(numbers(held)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  it("puts an older range in front", () => {
    const held = withRange(withRange(EMPTY_WINDOW, -3, answer(7, 10, 10)), 4, answer(4, 7, 10));
    expect(numbers(held)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it("replaces the window by a range far away rather than leave a hole", () => {
    const held = withRange(withRange(EMPTY_WINDOW, -3, answer(197, 200, 200)), 10, answer(10, 20, 200));
    expect([held.offset, unbroken(held)]).toEqual([10, true]);
  });

  it("holds no more than its limit, and stays unbroken", () => {
    let held = withRange(EMPTY_WINDOW, 0, answer(0, MOST_LINES, MOST_LINES));
    held = withRange(held, MOST_LINES, answer(MOST_LINES, MOST_LINES + 50, MOST_LINES + 50));
    expect([held.lines.length, held.offset, unbroken(held)]).toEqual([MOST_LINES, 50, true]);
  });
});

it("takes terminal escapes and control characters out and leaves the text", () => {
  const esc = String.fromCharCode(27);
  expect(plainText(`${esc}[31mred${esc}[0m ${esc}]0;title${String.fromCharCode(7)}<b>\tok\r`)).toBe("red <b>\tok");
});
