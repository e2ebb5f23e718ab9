import { Inject, Injectable } from "@nestjs/common";
import {
  type AliasGuard,
  type AliasProposal,
  AliasProposalId,
  type ApproveAliasChange,
  type Page,
  type PageQuery,
  type ProposeAliasChange,
  type Violation,
  type WithdrawAliasChange,
} from "@ziggurat/contracts";
import { checkAliasRight, checkApproval, checkGuard, checkWithdrawal } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { boundTo, Cursors } from "../../platform/http/cursor.js";
import { Separation } from "../../separation/separation.service.js";
import type { ModelRow } from "../models/model-row.js";
import { Models } from "../models/models.service.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { VersionsRepository } from "../versions/versions.repository.js";
import { AliasGuards, type AliasPlace, type GuardedName, objectOf } from "./alias-guards.service.js";
import { AliasProposalsRepository, type ProposalRow } from "./alias-proposals.repository.js";
import { Aliases } from "./aliases.service.js";

/** Changes of protected names that one person proposes and another approves. */
@Injectable()
export class AliasProposals {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly guards: AliasGuards,
    private readonly aliases: Aliases,
    private readonly proposals: AliasProposalsRepository,
    private readonly separation: Separation,
    private readonly versions: VersionsRepository,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** Of one name, or of all names of a model. */
  list(viewer: Viewer, place: Omit<AliasPlace, "alias"> & { readonly alias?: string }, { limit, cursor }: PageQuery) {
    return this.unitOfWork.run(viewer, async (tx): Promise<Page<AliasProposal>> => {
      const model = await this.models.load(tx, place.namespace, place.slug);
      const binding = boundTo(viewer, `proposals of ${model.id}:${place.alias ?? ""}`);
      const before = this.cursors.decode(cursor, binding)?.[0];
      const rows = await this.proposals.list(tx, model.id, place.alias ?? null, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      const data: AliasProposal[] = [];
      for (const row of page.data) {
        data.push(await this.view(tx, { model, name: row.name, guard: await this.guards.of(tx, model, row.name) }, row));
      }
      return { ...page, data };
    });
  }

  /** What could not be done now is refused now; approval asks once more. */
  propose(viewer: Viewer, place: AliasPlace, { change, reason }: ProposeAliasChange): Promise<AliasProposal> {
    return this.guards.changing(viewer, place, change, checkAliasRight, async (tx, named) => {
      const { model, name } = named;
      if (change.kind === "move") await this.aliases.refuseUnproven(tx, await this.aliases.target(tx, model, change.version));
      else refuseIfAny(checkGuard(this.pyramid[model.tier], viewerFacts(viewer), change));
      const id = await this.proposals.insert(tx, model, name, change, reason);
      if (id === null) {
        const detail = `a change of ${name} waits for approval already; approve or withdraw it first`;
        throw new Refusal("conflict", detail, [{ code: "proposal_pending", detail }]);
      }
      await this.note(tx, named, "alias.propose", reason, { id, change });
      return this.found(tx, named, id);
    });
  }

  /** Carries the change out as its author wanted it, if it may still be made at this moment. */
  approve(viewer: Viewer, place: AliasPlace, id: string, { reason }: ApproveAliasChange): Promise<AliasProposal> {
    return this.deciding(viewer, place, id, "approve", async (tx, named, proposal) => {
      const { change } = proposal;
      if (await this.proposals.hasMoved(tx, named.model.id, proposal)) {
        const detail = `${named.name} has moved since the change was proposed; withdraw it and look again`;
        throw new Refusal("conflict", detail, [{ code: "alias_moved", detail }]);
      }
      await this.proposals.decide(tx, id, "approved", reason);
      await this.note(tx, named, "alias.approve", reason, { id, change });
      if (change.kind === "move") {
        await this.aliases.point(tx, named, { version: change.version, reason: proposal.reason }, proposal.proposed_by);
      } else {
        const { roles, secondPerson } = change;
        await this.guards.protect(tx, named, { roles, secondPerson, reason: proposal.reason }, proposal.proposed_by);
      }
    });
  }

  withdraw(viewer: Viewer, place: AliasPlace, id: string, { reason }: WithdrawAliasChange): Promise<AliasProposal> {
    return this.deciding(viewer, place, id, "withdraw", async (tx, named, { change }) => {
      await this.proposals.decide(tx, id, "withdrawn", reason);
      await this.note(tx, named, "alias.withdraw", reason, { id, change });
    });
  }

  private deciding(
    viewer: Viewer,
    place: AliasPlace,
    id: string,
    deed: "approve" | "withdraw",
    work: (tx: Tx, named: GuardedName, proposal: ProposalRow) => Promise<void>,
  ): Promise<AliasProposal> {
    return this.guards.changing(viewer, place, { [deed]: id }, checkAliasRight, async (tx, named) => {
      const proposal = await this.proposals.find(tx, named.model.id, named.name, id);
      if (proposal === null) throw hidden();
      const broken = this.check(viewer, named, proposal, deed, await this.ownWork(tx, named, proposal));
      if (broken.some(({ code }) => code === "proposal_state")) refuseIfAny(broken, "conflict");
      refuseIfAny(broken, "denied");
      await work(tx, named, proposal);
      return this.found(tx, named, id);
    });
  }

  /** Approving a move puts a version to use: whoever made it, or proposed the move, is no second person. */
  private async ownWork(tx: Tx, { model }: Pick<GuardedName, "model">, { id, state, change }: ProposalRow): Promise<Violation[]> {
    if (state !== "pending") return [];
    const own = await this.separation.check(tx, "alias_change", "thing", id);
    if (change.kind !== "move") return own;
    const version = await this.versions.find(tx, model.namespace, model.slug, change.version);
    const made = version === null ? [] : await this.separation.check(tx, "alias_change", "version", version.id);
    return [...own, ...made.filter(({ code }) => !own.some((known) => known.code === code))];
  }

  private check(
    viewer: Viewer,
    { model, guard }: GuardedName,
    row: ProposalRow,
    deed: "approve" | "withdraw",
    ownWork: readonly Violation[],
  ): Violation[] {
    const ask = deed === "approve" ? checkApproval : checkWithdrawal;
    const facts = { state: row.state, ownWork };
    return ask(this.pyramid[model.tier], viewerFacts(viewer), model.owner, guard, facts);
  }

  private async found(tx: Tx, named: GuardedName, id: string): Promise<AliasProposal> {
    const row = await this.proposals.find(tx, named.model.id, named.name, id);
    if (row === null) throw hidden();
    return this.view(tx, named, row);
  }

  private async view(tx: Tx, named: { model: ModelRow; name: string; guard: AliasGuard | null }, row: ProposalRow): Promise<AliasProposal> {
    const ownWork = await this.ownWork(tx, named, row);
    const { decided_by: by, decided_at: at, decision_reason: reason } = row;
    return {
      id: AliasProposalId.parse(row.id),
      model: `${named.model.namespace}/${named.model.slug}`,
      name: row.name,
      change: row.change,
      reason: row.reason,
      state: row.state,
      proposedBy: row.proposed_by,
      proposedAt: row.proposed_at.toISOString(),
      decision: by === null || at === null ? null : { by, at: at.toISOString(), reason: reason ?? "" },
      mayApprove: this.check(tx.viewer, named, row, "approve", ownWork).length === 0,
      mayWithdraw: this.check(tx.viewer, named, row, "withdraw", ownWork).length === 0,
    };
  }

  private async note(
    tx: Tx,
    { model, name }: GuardedName,
    action: "alias.propose" | "alias.approve" | "alias.withdraw",
    reason: string,
    after: object,
  ): Promise<void> {
    await tx.audit({ institutionId: model.institution_id, action, object: objectOf(model, name), reason, after });
  }
}
