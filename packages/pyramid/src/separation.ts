import { APPROVAL_DOORS, type ApprovalDoor, type ContributionKind, type Violation } from "@ziggurat/contracts";

/** One account with everything by which another account turns out to be the same person: its id, its address, a sign-in that joined both. */
export interface Account {
  readonly id: string;
  readonly kind: "person" | "service";
  readonly keys: readonly string[];
}

/**
 * Who acts: an account, and everybody behind it. Behind a service account are the person who answers for it and the one who made its token;
 * behind a delegate, the one who delegated. A group or a role puts nobody behind an account: its members act as themselves.
 */
export interface Actor {
  readonly account: Account;
  readonly behind: readonly Account[];
}

/** Something that was done towards a version, or towards the job that makes it. */
export interface Contribution {
  readonly kind: ContributionKind;
  readonly by: Actor;
}

/** Everything by which the people behind an actor are known. */
export function keysOf({ account, behind }: Actor): ReadonlySet<string> {
  return new Set([account, ...behind].flatMap(({ id, keys }) => [id, ...keys]));
}

/** Whether one person stands behind both, whichever accounts, tokens, institutions or roles they used. */
export function isSamePerson(one: Actor, other: Actor): boolean {
  const known = keysOf(other);
  return [...keysOf(one)].some((key) => known.has(key));
}

/**
 * Why this actor may not pass a door that stands before what these contributions made. It does not look at roles: no role makes up for a contribution, an
 * administrator's as little as any other. Codes `own_…`, one per kind of contribution; `not_a_person`: a program gives no word.
 */
export function checkApprover(door: ApprovalDoor, contributions: readonly Contribution[], approver: Actor, pointer?: string): Violation[] {
  const counting: readonly ContributionKind[] = APPROVAL_DOORS[door];
  const at = pointer === undefined ? {} : { pointer };
  const kinds = new Set(
    contributions.filter(({ kind, by }) => counting.includes(kind) && isSamePerson(by, approver)).map(({ kind }) => kind),
  );
  return [
    ...(approver.account.kind === "service"
      ? [{ code: "not_a_person", detail: "a service account approves nothing; a person has to", ...at }]
      : []),
    ...[...kinds].map((kind) => ({ code: CODES[kind], detail: DETAILS[kind], ...at })),
  ];
}

/** The code under which each kind of contribution keeps somebody from approving. */
const CODES: Record<ContributionKind, string> = {
  requested: "own_request",
  registered: "own_registration",
  uploaded: "own_upload",
  supplied_data: "own_data",
  trained: "own_training",
  evaluated: "own_evaluation",
  submitted: "own_submission",
  proposed: "same_person",
};

const DETAILS: Record<ContributionKind, string> = {
  requested: "you asked for the job yourself; somebody else must approve",
  registered: "you registered it yourself; somebody else must approve",
  uploaded: "you uploaded files of it yourself; somebody else must approve",
  supplied_data: "you supplied data for it yourself; somebody else must approve",
  trained: "you had its training taken up again yourself; somebody else must approve",
  evaluated: "you had it evaluated yourself; somebody else must approve",
  submitted: "you sealed it or handed it in yourself; somebody else must approve",
  proposed: "you proposed it yourself; somebody else must approve it",
};

/** Codes by which separation of duties refuses; the answer to these is `denied`, since another person may. */
export const SEPARATION_CODES: readonly string[] = ["not_a_person", ...Object.values(CODES)];
