import { randomInt } from "node:crypto";

/** Without vowels, so that no code is a word, and without letters that look alike: RFC 8628, section 6.1. */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Eight letters in two fours, about 34 bits: few enough to type, and guessed by nobody in ten minutes at the pace allowed. */
export function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** One way to write a code, whichever way it was typed. */
export function plainUserCode(typed: string): string {
  return typed.replace("-", "").toUpperCase();
}
