import type { Violation } from "@ziggurat/contracts";
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

/** Whose password it will be: what people make passwords of first. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
  readonly institution: string;
}

/** Tries that a guesser needs at least, as zxcvbn estimates them (Wheeler 2016): below it, a password falls to a patient guesser on the wire. */
const FEWEST_GUESSES = 1e6;

let estimator: ZxcvbnFactory | null = null;

/** Why a password is not taken: it is among those that are tried first, a variation of one, a pattern, or made of its owner's names. Asks nobody. */
export function checkPassword(password: string, { email, name, institution }: PasswordOwner, pointer: string): Violation[] {
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const own = [email, name, institution].flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]).filter((part) => part.length > 2);
  if (estimator.check(password, own).guesses >= FEWEST_GUESSES) return [];
  const detail = "too easy to guess: use several words that belong together nowhere else, and no names of yours";
  return [{ code: "password_common", detail, pointer }];
}
