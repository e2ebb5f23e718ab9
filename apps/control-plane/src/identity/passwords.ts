import { hash, verify } from "@node-rs/argon2";

/** argon2id; 19 MiB, two passes, one lane: OWASP's password storage cheat sheet. `Algorithm` is a const enum, whose 2 is argon2id. */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let decoy: Promise<string> | null = null;

/** Takes as long for an address nobody has as for a wrong password. */
export async function isPassword(storedHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword("nobody has this password");
  const fits = await verify(storedHash ?? (await decoy), password);
  return storedHash !== null && fits;
}
