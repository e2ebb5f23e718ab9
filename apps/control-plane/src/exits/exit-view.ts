import { type Exit, type ExitBlocker, ExitId, paths } from "@ziggurat/contracts";
import { STEPS } from "./erasure/steps.js";
import type { ExitRow } from "./exits.repository.js";

/** An exit as it is answered. @param mayKeepAddress whether the viewer speaks for a side, and is told where the certificate will be */
export function exitOf(
  row: ExitRow,
  { blockers, mayKeepAddress }: { readonly blockers: readonly ExitBlocker[]; readonly mayKeepAddress: boolean },
): Exit {
  return {
    id: ExitId.parse(row.id),
    state: row.state,
    reason: row.reason,
    startedBy: row.started_by_name,
    startedSide: row.started_side,
    startedAt: row.started_at.toISOString(),
    approvedBy: row.approved_by_name,
    approvedAt: row.approved_at?.toISOString() ?? null,
    waiver: row.waiver,
    erasesAt: row.state === "cancelled" ? null : (row.erases_at?.toISOString() ?? null),
    blockers: [...blockers],
    progress: { done: row.steps_done, total: STEPS.length },
    detail: row.detail,
    finishedAt: row.finished_at?.toISOString() ?? null,
    cancelledBy: row.cancelled_by_name,
    cancelReason: row.cancel_reason,
    certificatePath: mayKeepAddress && row.state !== "cancelled" ? paths.erasureCertificate(row.certificate_key) : null,
  };
}
