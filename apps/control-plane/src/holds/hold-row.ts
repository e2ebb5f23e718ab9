import { type Hold, HoldId, type HoldKind, type HoldState } from "@ziggurat/contracts";
import { checkApprover, type HoldFacts, holdActionsFor } from "@ziggurat/pyramid";
import type { Viewer } from "../platform/database/viewer.js";
import { viewerFacts } from "../registry/pyramid.js";
import type { Work } from "../separation/separation.service.js";

/** A hold with the names behind its ids. */
export interface HoldRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly kind: HoldKind;
  readonly subject: string;
  readonly reason: string;
  readonly reference: string | null;
  readonly set_for: string;
  readonly set_by_name: string;
  readonly set_at: Date;
  readonly lift_asked_by: string | null;
  readonly lift_asked_by_name: string | null;
  readonly lift_asked_at: Date | null;
  readonly lift_reason: string | null;
  readonly lifted_by_name: string | null;
  readonly lifted_at: Date | null;
}

export const SELECT_HOLD = `
  select h.id, h.institution_id, i.slug as owner, h.subject, h.reason, h.reference, f.slug as set_for, h.set_by_name, h.set_at,
    case when h.version_id is not null then 'version' when h.model_id is not null then 'model'
      when h.dataset_version_id is not null then 'dataset' else 'institution' end as kind,
    h.lift_asked_by, h.lift_asked_by_name, h.lift_asked_at, h.lift_reason, h.lifted_by_name, h.lifted_at
  from legal_holds h join institutions i on i.id = h.institution_id join institutions f on f.id = h.set_for`;

export function stateOf(row: Pick<HoldRow, "lifted_at" | "lift_asked_by">): HoldState {
  if (row.lifted_at !== null) return "lifted";
  return row.lift_asked_by === null ? "in_force" : "lift_asked";
}

/** A hold as rules see one. Of those who ever asked for its lift, the one whose request stands counts. */
export function holdFacts(row: HoldRow, work: Work | undefined): HoldFacts {
  const asked = (work?.contributions ?? []).filter(({ by }) => by.account.id === row.lift_asked_by);
  return { state: stateOf(row), setFor: row.set_for, ownWork: work === undefined ? [] : checkApprover("hold_lift", asked, work.approver) };
}

/** A hold as the contract shows it to this viewer. */
export function holdOf(row: HoldRow, viewer: Viewer, work: Work | undefined): Hold {
  const { lift_asked_at: askedAt, lift_asked_by_name: askedBy } = row;
  return {
    id: HoldId.parse(row.id),
    subject: { kind: row.kind, ref: row.subject },
    owner: row.owner,
    state: stateOf(row),
    reason: row.reason,
    reference: row.reference,
    setAt: row.set_at.toISOString(),
    setBy: row.set_by_name,
    setFor: row.set_for,
    lift: askedAt === null || askedBy === null ? null : { reason: row.lift_reason ?? "", askedBy, askedAt: askedAt.toISOString() },
    liftedAt: row.lifted_at?.toISOString() ?? null,
    liftedBy: row.lifted_by_name,
    actions: holdActionsFor(holdFacts(row, work), viewerFacts(viewer)),
  };
}
