import { timingSafeEqual } from "node:crypto";
import { hash } from "@node-rs/argon2";

/** argon2id; 19 MiB, two passes, one lane: OWASP's password storage cheat sheet. `Algorithm` is a const enum, whose 2 is argon2id. */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * @param beside a hash of the same person's in another institution. Both then have one salt, so that one reckoning answers for all of
 *   them, and the time of a sign-in does not tell in how many institutions an address is known
 */
export function hashPassword(password: string, beside: string | null = null): Promise<string> {
  return hash(password, { ...COST, ...(beside === null ? {} : { salt: saltOf(beside) }) });
}

let decoy: Promise<string> | null = null;

/**
 * The first whose password it is; accounts without one have none. Takes as long for an address nobody has as for a wrong password, and as long for one account as for
 * several whose hashes were made beside one another.
 */
export async function whosePassword<T extends { readonly passwordHash: string | null }>(
  accounts: readonly T[],
  password: string,
): Promise<T | null> {
  decoy ??= hashPassword("nobody has this password");
  const known = accounts.flatMap(({ passwordHash }) => passwordHash ?? []);
  const stored = known.length === 0 ? [await decoy] : known;
  const reckoned = new Map<string, Buffer>();
  for (const one of stored) {
    const begin = beginOf(one);
    if (!reckoned.has(begin)) reckoned.set(begin, Buffer.from(await hash(password, { ...costOf(one), salt: saltOf(one) })));
  }
  const fits = accounts.filter(({ passwordHash }) => passwordHash !== null && isSame(reckoned.get(beginOf(passwordHash)), passwordHash));
  return fits[0] ?? null;
}

/** `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH` up to the last part. */
const beginOf = (stored: string): string => stored.slice(0, stored.lastIndexOf("$"));
const saltOf = (stored: string): Buffer => Buffer.from(stored.split("$")[4] ?? "", "base64");

function costOf(stored: string): typeof COST {
  const [, memoryCost, timeCost, parallelism] = /\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(stored) ?? [];
  return { algorithm: COST.algorithm, memoryCost: Number(memoryCost), timeCost: Number(timeCost), parallelism: Number(parallelism) };
}

function isSame(reckoned: Buffer | undefined, stored: string): boolean {
  const given = Buffer.from(stored);
  return reckoned?.length === given.length && timingSafeEqual(reckoned, given);
}
