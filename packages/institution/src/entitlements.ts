import type { EntitlementState, Right, Tier, VersionState, Violation } from "@ziggurat/contracts";
import type { ModelFacts, Release } from "@ziggurat/pyramid";

/**
 * Whether an institution may make a task model of a shared version whose line is not open to all: the right to derive is in force, the
 * scenario is among those agreed on, and the number of task models on the line stays within what was agreed on.
 */
export function mayDerive({ ref, scenario }: ModelFacts, { ref: parent, entitled }: Release): Violation[] {
  if (entitled === null) return [];
  const { rights, scenarios, maxTaskModels, taskModels } = entitled;
  if (!rights.includes("derive")) {
    return [{ code: "not_entitled", detail: `there is no right to derive from ${parent}; ask the platform for an entitlement` }];
  }
  const isAgreed = scenarios === null || (scenario !== null && scenarios.includes(scenario));
  const others = taskModels.filter((model) => model !== ref).length;
  const isWithin = maxTaskModels === null || others < maxTaskModels;
  return [
    ...(isAgreed
      ? []
      : [
          {
            code: "entitlement_scenario",
            detail: `${parent} may be used for ${scenarios.join(", ")}, not for ${scenario ?? "anything else"}`,
          },
        ]),
    ...(isWithin
      ? []
      : [
          { code: "entitlement_limit", detail: `${maxTaskModels} task models may stand on the line of ${parent}, and there are ${others}` },
        ]),
  ];
}

/** What is to be granted. Times are instants; `endsAt` null is without end. */
export interface GrantClaim {
  readonly subject: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly rights: readonly Right[];
  readonly isPlatform: boolean;
  /** Null when there is no such model or version. */
  readonly found: {
    readonly tier: Tier;
    /** Of a version that is named; null for a line. */
    readonly state: VersionState | null;
    /** End of support of the version that is named. */
    readonly supportEndsAt: Date | null;
  } | null;
  /** Entitlements of the same institution to the same subject that have not ended. */
  readonly others: readonly { readonly id: string; readonly startsAt: Date; readonly endsAt: Date | null }[];
  readonly now: Date;
}

/** States of a version that may be granted; what is a draft has not been shown to anybody, and what is withdrawn is nobody's to use. */
const GRANTABLE: readonly VersionState[] = ["released", "deprecated"];

/** Asks every rule about a grant. Pointers lead into its body. */
export function checkGrant(claim: GrantClaim): Violation[] {
  const { subject, found, startsAt, endsAt, others, now } = claim;
  if (claim.isPlatform) return [{ code: "entitlement_home", detail: "the platform needs no entitlement to its own models" }];
  if (found === null) return [{ code: "subject_unknown", detail: `there is no ${subject}`, pointer: "/subject" }];
  if (found.tier === "institution") {
    return [
      { code: "entitlement_shared", detail: `${subject} belongs to an institution; only shared models are granted`, pointer: "/subject" },
    ];
  }
  const clash = others.find((other) => (endsAt === null || other.startsAt < endsAt) && (other.endsAt === null || startsAt < other.endsAt));
  const outlives = found.supportEndsAt !== null && (endsAt === null || endsAt > found.supportEndsAt);
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      found.state === null || GRANTABLE.includes(found.state),
      { code: "entitlement_state", detail: `${subject} is ${found.state}, not released`, pointer: "/subject" },
    ],
    [endsAt === null || endsAt > startsAt, { code: "ends_before_start", detail: "the end comes after the start", pointer: "/endsAt" }],
    [endsAt === null || endsAt > now, { code: "ends_in_past", detail: "the end lies in the past", pointer: "/endsAt" }],
    [
      !outlives,
      {
        code: "entitlement_outlives",
        detail: `support of ${subject} ends ${found.supportEndsAt?.toISOString() ?? ""}; the entitlement ends then at the latest`,
        pointer: "/endsAt",
      },
    ],
    [
      clash === undefined,
      { code: "entitlement_overlap", detail: `${clash?.id ?? ""} covers ${subject} in that time; end it first`, pointer: "/subject" },
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
}

/** Where an entitlement stands at an instant. */
export function entitlementState(
  one: { readonly startsAt: Date; readonly endsAt: Date | null; readonly endedAt: Date | null; readonly isSuspended: boolean },
  now: Date,
): EntitlementState {
  if (one.endedAt !== null || (one.endsAt !== null && one.endsAt <= now)) return "ended";
  if (one.isSuspended) return "suspended";
  return one.startsAt > now ? "pending" : "in_force";
}

/** Days before an end at which its holder is warned. */
export const WARNING_DAYS: readonly number[] = [30, 7, 0];
