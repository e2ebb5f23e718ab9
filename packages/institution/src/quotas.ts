import { QUOTA_DECISIONS, type QuotaDecision, type QuotaLimits, type QuotaProposalState, type Violation } from "@ziggurat/contracts";

/** A change of an institution's quota that somebody asks for. */
export interface QuotaClaim {
  readonly isPlatform: boolean;
  /** Of the quota whose effect the proposer looked at, and of the quota now. */
  readonly seenRevision: number;
  readonly revision: number;
  readonly before: QuotaLimits | null;
  readonly after: QuotaLimits;
  /** A proposal for the same institution that nobody has decided on. */
  readonly pending: string | null;
}

/** Asks every rule about a proposal. Pointers lead into its body. */
export function checkProposal({ isPlatform, seenRevision, revision, before, after, pending }: QuotaClaim): Violation[] {
  if (isPlatform) return [{ code: "quota_home", detail: "the platform's own work has no quota" }];
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      seenRevision === revision,
      { code: "quota_changed", detail: `the quota was changed since: revision ${revision}, not ${seenRevision}`, pointer: "/revision" },
    ],
    [!isSame(before, after), { code: "quota_unchanged", detail: "these limits hold already", pointer: "/limits" }],
    [pending === null, { code: "quota_pending", detail: `${pending ?? ""} is to be decided on or withdrawn first` }],
  ];
  return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
}

/** What is known of a proposal and of who looks at it. */
export interface ProposalFacts {
  readonly state: QuotaProposalState;
  readonly isStale: boolean;
  /** Why this person is no second person here (`checkApprover` of the pyramid); empty for somebody else than who proposed it. */
  readonly notSecond: readonly Violation[];
  /** Holds a role that decides. */
  readonly isDecider: boolean;
  /** Holds a role that proposes for this institution. */
  readonly isProposer: boolean;
}

/** Why this person may not do it now, or null when they may. */
export function whyNotDecide(action: QuotaDecision, facts: ProposalFacts): string | null {
  if (facts.state !== "pending") return `The proposal is ${facts.state} already.`;
  switch (action) {
    case "withdraw":
      return facts.notSecond.length > 0 || facts.isProposer ? null : "Who proposed it, or an administrator there, withdraws it.";
    case "approve":
    case "reject": {
      if (!facts.isDecider) return "A platform administrator decides.";
      const [first] = facts.notSecond;
      if (first !== undefined) return `Who proposed a change does not decide on it: ${first.detail}.`;
      return action === "approve" && facts.isStale ? "The quota was changed since it was proposed." : null;
    }
  }
}

/** Every decision with its answer. */
export function movesForProposal(facts: ProposalFacts): { action: QuotaDecision; allowed: boolean; reason: string | null }[] {
  return QUOTA_DECISIONS.map((action) => {
    const reason = whyNotDecide(action, facts);
    return { action, allowed: reason === null, reason };
  });
}

function isSame(before: QuotaLimits | null, after: QuotaLimits): boolean {
  if (before === null) return false;
  const names = ["gpus", "gpuHours", "money", "jobsQueued", "storageBytes"] as const;
  return (
    before.mayBorrow === after.mayBorrow &&
    names.every((name) => before[name]?.stop === after[name]?.stop && before[name]?.warnPercent === after[name]?.warnPercent)
  );
}
