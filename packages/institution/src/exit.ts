import type { ExitAction, ExitBlocker, ExitBlockerCode, ExitSide, InstitutionState, Role, Violation } from "@ziggurat/contracts";

/** The moves of an institution that leaves. `erasing` has no way back: what went does not return. */
export const EXIT_MOVES: Readonly<Record<InstitutionState, readonly InstitutionState[]>> = {
  active: ["leaving"],
  leaving: ["active", "erasing"],
  erasing: ["erased"],
  erased: [],
};

/** What an institution is asked about before it goes. */
export interface ExitFacts {
  /** Legal holds in force on anything of the institution, by id. */
  readonly holds: readonly string[];
  readonly jobs: readonly string[];
  readonly imports: readonly string[];
  /** Recalls that are still being carried out and reach something of the institution. */
  readonly recalls: readonly string[];
  /** Changes that were asked for and wait for a second word. */
  readonly proposals: readonly string[];
  readonly export: ExportFacts;
}

/** The newest finished export, and how many changes of anything of the institution it does not show. */
export interface ExportFacts {
  readonly asOf: Date | null;
  readonly changesSince: number;
}

const NAMED = 5;

/** Everything that stands in the way of the erasure, at once. */
export function exitBlockers(facts: ExitFacts): ExitBlocker[] {
  const kinds: readonly (readonly [ExitBlockerCode, readonly string[]])[] = [
    ["held", facts.holds],
    ["jobs_running", facts.jobs],
    ["imports_running", facts.imports],
    ["recall_in_progress", facts.recalls],
    ["proposal_open", facts.proposals],
  ];
  const found = kinds
    .filter(([, things]) => things.length > 0)
    .map(([code, things]): ExitBlocker => ({ code, count: things.length, named: things.slice(0, NAMED) }));
  const { asOf } = facts.export;
  if (asOf === null) return [...found, { code: "export_missing", count: 1, named: [] }];
  return isCurrentExport(facts.export) ? found : [...found, { code: "export_stale", count: 1, named: [asOf.toISOString()] }];
}

/** Whether nothing was changed since the export was taken. */
export function isCurrentExport({ asOf, changesSince }: ExportFacts): boolean {
  return asOf !== null && changesSince === 0;
}

const WAIVABLE: readonly ExitBlockerCode[] = ["export_missing", "export_stale"];

/** What of it a waiver does not get past. */
export function unwaived(blockers: readonly ExitBlocker[], isWaived: boolean): ExitBlocker[] {
  return blockers.filter(({ code }) => !(isWaived && WAIVABLE.includes(code)));
}

/** Somebody who acts in an exit. */
export interface ExitPerson {
  readonly roles: readonly Role[];
  /** Slug of their own institution; `platform` for the platform's people. */
  readonly home: string;
}

/** The side on which this person may speak for an institution's exit, or null. */
export function exitSide({ roles, home }: ExitPerson, institution: string): ExitSide | null {
  if (home === "platform") return roles.includes("platform_admin") ? "platform" : null;
  return home === institution && roles.includes("institution_admin") ? "institution" : null;
}

/** An exit under way, as far as the rules ask. */
export interface OpenExit {
  readonly startedSide: ExitSide;
  /** Why this person is no second one (`checkApprover` of the pyramid): they asked for it themselves, under whichever account. */
  readonly notSecond: readonly Violation[];
  readonly isApproved: boolean;
}

/** What this person may do now. An approval is the other side's, so that neither goes alone. */
export function exitActions(person: ExitPerson, institution: string, state: InstitutionState, open: OpenExit | null): ExitAction[] {
  const side = exitSide(person, institution);
  if (side === null || institution === "platform") return [];
  const canExport: ExitAction[] = side === "institution" && (state === "active" || state === "leaving") ? ["export"] : [];
  if (state === "active") return ["start", ...canExport];
  if (state !== "leaving" || open === null) return canExport;
  const mayApprove = !open.isApproved && open.startedSide !== side && open.notSecond.length === 0;
  return [...(mayApprove ? (["approve"] as const) : []), "cancel", ...canExport];
}

/** Why this person cannot do that now. Roles first: whoever is no administrator learns no more. */
export function checkExitAct(
  act: ExitAction,
  person: ExitPerson,
  institution: string,
  state: InstitutionState,
  open: OpenExit | null,
): Violation[] {
  if (institution === "platform") return [{ code: "exit_home", detail: "the platform does not leave itself" }];
  const side = exitSide(person, institution);
  const needs = `needs the role institution_admin at ${institution}${act === "export" ? "" : ", or platform_admin"}`;
  if (side === null || (act === "export" && side === "platform")) return [{ code: "exit_role", detail: needs }];
  if (exitActions(person, institution, state, open).includes(act)) return [];
  if (act === "approve" && state === "leaving" && open !== null) {
    if (open.isApproved) return [{ code: "exit_state", detail: "it is approved already" }];
    if (open.startedSide !== side) return [...open.notSecond];
    const other = open.startedSide === "institution" ? "the platform" : institution;
    return [
      {
        code: "exit_side",
        detail: `an administrator of ${other} approves what ${open.startedSide === side ? "this" : "the other"} side asked for`,
      },
    ];
  }
  return [{ code: "exit_state", detail: `${institution} is ${state}` }];
}

/** When an erasure that is approved now begins. */
export function erasesAt(approvedAt: Date, coolingOffDays: number): Date {
  return new Date(approvedAt.getTime() + coolingOffDays * 86_400_000);
}
