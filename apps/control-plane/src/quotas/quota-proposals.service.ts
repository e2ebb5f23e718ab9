import { Injectable } from "@nestjs/common";
import {
  type DecideQuota,
  idOf,
  JobId,
  type ListQuotaProposals,
  type Page,
  type ProposeQuota,
  type QuotaDecision,
  QuotaLimits,
  type QuotaProposal,
} from "@ziggurat/contracts";
import { checkProposal, movesForProposal, type ProposalFacts, whyNotDecide } from "@ziggurat/institution";
import { checkApprover } from "@ziggurat/pyramid";
import { QUOTA_DECIDERS } from "@ziggurat/scheduling";
import { Notices } from "../notices/notices.service.js";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { Separation, type Work } from "../separation/separation.service.js";
import { type ProposalRow, QuotasRepository } from "./quotas.repository.js";
import { mayPropose, Quotas } from "./quotas.service.js";

const ProposalId = idOf("quotaProposal");
const STATE_AFTER = { approve: "approved", reject: "rejected", withdraw: "withdrawn" } as const;

/** Changes of quotas: somebody proposes, somebody else decides. */
@Injectable()
export class QuotaProposals {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly quotas: QuotasRepository,
    private readonly institutions: Quotas,
    private readonly notices: Notices,
    private readonly separation: Separation,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, slug: string, query: ListQuotaProposals): Promise<Page<QuotaProposal>> {
    const state = query["filter[state]"] ?? null;
    const binding = boundTo(viewer, `quota proposals of ${slug}?state=${state}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const id = await this.institutions.institution(tx, slug);
      const rows = await this.quotas.proposals(tx, id, state, before === undefined ? null : String(before), query.limit + 1);
      const page = this.cursors.page(rows, query.limit, binding, (row) => [row.id]);
      const total = query.include === "total" ? { total: await this.quotas.countProposals(tx, id, state) } : {};
      const works = await this.separation.of(
        tx,
        "thing",
        page.data.map((row) => row.id),
      );
      return { ...page, ...total, data: page.data.map((row) => viewOf(row, viewer, works.get(row.id))) };
    });
  }

  propose(viewer: Viewer, slug: string, request: ProposeQuota): Promise<QuotaProposal> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = await this.institutions.institution(tx, slug);
      if (!mayPropose(viewer, slug)) {
        const detail = "needs the role institution_admin there, or platform_admin";
        throw new Refusal("denied", `Proposing a quota ${detail}.`, [{ code: "role", detail }]);
      }
      await this.quotas.lock(tx, institutionId);
      const quota = await this.quotas.find(tx, institutionId);
      const violations = checkProposal({
        isPlatform: slug === PLATFORM_SLUG,
        seenRevision: request.revision,
        revision: quota?.revision ?? 0,
        before: quota?.limits ?? null,
        after: request.limits,
        pending: await this.quotas.pending(tx, institutionId),
      });
      const changed = violations.filter(({ code }) => code === "quota_changed");
      refuseIfAny(changed, "stale");
      refuseIfAny(violations);
      const { revision, limits, reason } = request;
      const id = await this.quotas.propose(tx, institutionId, { revision, before: quota?.limits ?? null, limits, reason });
      await tx.audit({ institutionId, action: "quota.propose", object: id, reason, before: quota?.limits ?? null, after: limits });
      return this.view(tx, institutionId, id);
    });
  }

  /** @throws Refusal `denied` when this viewer never may, `conflict` when it is decided, `stale` when the quota was changed since */
  decide(viewer: Viewer, slug: string, id: string, action: QuotaDecision, { reason }: DecideQuota): Promise<QuotaProposal> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = await this.institutions.institution(tx, slug);
      await this.quotas.lock(tx, institutionId);
      const row = await this.quotas.proposal(tx, institutionId, id);
      if (row === null) throw hidden();
      refuse(action, factsOf(row, viewer, await this.work(tx, id)));
      await this.quotas.decide(tx, id, STATE_AFTER[action], reason);
      const limits = QuotaLimits.parse(row.limits);
      if (action === "approve") {
        if (!(await this.quotas.set(tx, institutionId, row.revision, limits)))
          throw new Error(`The quota of ${slug} changed under its lock.`);
        const job = await this.quotas.queuedJob(tx, institutionId);
        if (job !== null) await tx.enqueue("job.advance", { jobId: JobId.parse(job) });
      }
      await tx.audit({ institutionId, action: `quota.${action}`, object: id, reason, before: row.before, after: limits });
      if (action !== "withdraw") await this.tell(tx, institutionId, row, STATE_AFTER[action], reason);
      return this.view(tx, institutionId, id);
    });
  }

  private async tell(tx: Tx, institutionId: string, row: ProposalRow, state: string, reason: string): Promise<void> {
    await this.notices.tell(tx, {
      institutionId,
      kind: "quota_decided",
      subject: row.institution,
      recallId: null,
      reason: `${state} by ${tx.viewer.name}: ${reason}`,
      acknowledgeBy: null,
      versions: 0,
    });
  }

  private async view(tx: Tx, institutionId: string, id: string): Promise<QuotaProposal> {
    const row = await this.quotas.proposal(tx, institutionId, id);
    if (row === null) throw new Error(`Proposal ${id} cannot be read back.`);
    return viewOf(row, tx.viewer, await this.work(tx, id));
  }

  private async work(tx: Tx, id: string): Promise<Work | undefined> {
    return (await this.separation.of(tx, "thing", [id])).get(id);
  }
}

function refuse(action: QuotaDecision, facts: ProposalFacts): void {
  const why = whyNotDecide(action, facts);
  if (why === null) return;
  const violation = { code: `cannot_${action}`, detail: why };
  if (facts.state !== "pending") throw new Refusal("conflict", why, [violation]);
  const isAboutViewer = whyNotDecide(action, { ...facts, isStale: false }) !== null;
  throw new Refusal(isAboutViewer ? "denied" : "stale", why, [isAboutViewer ? violation : { code: "quota_changed", detail: why }]);
}

function factsOf(row: ProposalRow, viewer: Viewer, work: Work | undefined): ProposalFacts {
  return {
    state: row.state,
    isStale: row.is_stale,
    notSecond: work === undefined ? [] : checkApprover("quota_change", work.contributions, work.approver),
    isDecider: hasRole(viewer, ...QUOTA_DECIDERS),
    isProposer: mayPropose(viewer, row.institution),
  };
}

function viewOf(row: ProposalRow, viewer: Viewer, work: Work | undefined): QuotaProposal {
  return {
    id: ProposalId.parse(row.id),
    institution: row.institution,
    revision: row.revision,
    before: row.before === null ? null : QuotaLimits.parse(row.before),
    limits: QuotaLimits.parse(row.limits),
    reason: row.reason,
    state: row.state,
    isStale: row.state === "pending" && row.is_stale,
    proposedBy: row.proposed_by_name,
    proposedAt: row.proposed_at.toISOString(),
    decidedBy: row.decided_by_name,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decisionReason: row.decision_reason,
    moves: movesForProposal(factsOf(row, viewer, work)),
  };
}
