import type { CreateToken, Token, Violation } from "@ziggurat/contracts";
import type { Viewer } from "../platform/database/viewer.js";

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_DAYS = 90;
const LONGEST_DAYS = 365;

/** Every reason against a token at once; `now` in milliseconds. @param owner what its owner may do */
export function checkToken(owner: Pick<Viewer, "scopes">, request: CreateToken, now: number): Violation[] {
  const tooMuch = request.scopes.flatMap((scope, index) =>
    owner.scopes.includes(scope)
      ? []
      : [{ code: "scope", detail: `you do not have the scope ${scope} yourself`, pointer: `/scopes/${index}` }],
  );
  const ends = request.expiresAt === undefined ? null : Date.parse(request.expiresAt);
  const badEnd =
    ends !== null && (ends <= now || ends > now + LONGEST_DAYS * DAY_MS)
      ? [{ code: "expires_at", detail: `must lie ahead, at most ${LONGEST_DAYS} days`, pointer: "/expiresAt" }]
      : [];
  return [...tooMuch, ...badEnd];
}

/** When a new token ends: as asked for, else 90 days ahead. */
export function endOf({ expiresAt }: CreateToken, now: number): string {
  return expiresAt ?? new Date(now + DEFAULT_DAYS * DAY_MS).toISOString();
}

/** The end of the token that takes an old one's place, with the same length of life, and the end of the old one: never later than its own. */
export function rotated(old: Token, overlapHours: number, now: number): { readonly expiresAt: string; readonly oldEndsAt: string } {
  return {
    expiresAt: new Date(now + Date.parse(old.expiresAt) - Date.parse(old.createdAt)).toISOString(),
    oldEndsAt: new Date(Math.min(Date.parse(old.expiresAt), now + overlapHours * HOUR_MS)).toISOString(),
  };
}
