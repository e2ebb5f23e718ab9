import { Inject, Injectable } from "@nestjs/common";
import { type CreateRecall, type LiftRecall, type Recall, RecallId } from "@ziggurat/contracts";
import { whyNotRestore } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { Separation } from "../separation/separation.service.js";
import { RecallAdvance } from "./recall-advance.service.js";
import { RecallReachRepository } from "./recall-reach.repository.js";
import { type ReachedVersion, type RecallRow, type Subject, sum, tierOf, workOf } from "./recall-row.js";
import { RecallSubjects } from "./recall-subjects.service.js";
import { RecallViews } from "./recall-views.service.js";
import { RecallsRepository } from "./recalls.repository.js";

const DEFAULT_DEADLINE_HOURS = 72;

/** What people do with recalls: execute one, and lift it. */
@Injectable()
export class Recalls {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly recalls: RecallsRepository,
    private readonly reach: RecallReachRepository,
    private readonly subjects: RecallSubjects,
    private readonly views: RecallViews,
    private readonly advance: RecallAdvance,
    private readonly separation: Separation,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /**
   * Withdraws the subject at once, and all that stands on it in batches of the worker.
   * @throws Refusal `conflict` when the graph is no longer the one that the preview showed; nothing was done then
   */
  execute(viewer: Viewer, request: CreateRecall): Promise<Recall> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const subject = await this.subjects.find(tx, request);
      await this.recalls.lockSubject(tx, subject);
      const acknowledgeBy = new Date(request.acknowledgeBy ?? Date.now() + DEFAULT_DEADLINE_HOURS * 3_600_000);
      await this.subjects.check(tx, subject, acknowledgeBy);
      const { groups, graph } = await this.reach.counts(tx, subject);
      if (graph !== request.graph) {
        const detail = "what stands on it has changed since the preview; look again before you decide";
        throw new Refusal("conflict", detail, [{ code: "graph_changed", detail, pointer: "/graph" }]);
      }
      const id = await this.recalls.insert(tx, {
        ...subject,
        reason: request.reason,
        expected: sum(groups.map(({ versions }) => versions)),
        acknowledgeBy,
        createdBy: viewer.name,
      });
      if (subject.datasetVersionId !== null) {
        await this.recalls.withdrawData(tx, id, subject.datasetVersionId, subject.institutionId);
      }
      await tx.audit({
        institutionId: subject.institutionId,
        action: "recall.execute",
        object: id,
        reason: request.reason,
        after: { subject: subject.ref, graph },
      });
      const recall = await this.recalls.find(tx, id);
      if (recall === null) throw new Error(`Recall ${id} was not written.`);
      await this.advance.block(tx, recall, await this.root(tx, id, subject));
      await tx.enqueue("recall.advance", { recallId: RecallId.parse(id) });
      return this.views.view(tx, id);
    });
  }

  /** What was withdrawn comes back into use, which is an approval: nobody's of what they made, and nobody's by being an administrator. */
  lift(viewer: Viewer, id: string, { reason }: LiftRecall): Promise<Recall> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const recall = await this.recalls.lock(tx, id);
      if (recall === null) throw hidden();
      await this.refuseLift(tx, recall);
      await this.recalls.lift(tx, id, viewer.name, reason);
      await tx.audit({ institutionId: recall.institution_id, action: "recall.lift", object: id, reason, before: { state: recall.state } });
      await tx.enqueue("recall.advance", { recallId: RecallId.parse(id) });
      return this.views.view(tx, id);
    });
  }

  private async refuseLift(tx: Tx, recall: RecallRow): Promise<void> {
    const denied = whyNotRestore(this.pyramid[tierOf(recall)], viewerFacts(tx.viewer), recall.owner);
    if (denied !== null) throw new Refusal("denied", `Lifting this recall ${denied}.`);
    const own = await this.separation.check(tx, "recall_lift", ...workOf(recall));
    if (own.length > 0) refuseIfAny(own, "denied");
    if (recall.state === "executing") {
      throw new Refusal("conflict", "The recall is still being carried out; lift it when it is in force.", [
        { code: "recall_state", detail: "executing" },
      ]);
    }
    if (recall.state !== "in_force") {
      throw new Refusal("conflict", "The recall has been lifted already.", [{ code: "recall_state", detail: recall.state }]);
    }
  }

  /** The version itself, so that it is out of use when the request is answered; data itself has no state. */
  private async root(tx: Tx, id: string, subject: Subject): Promise<ReachedVersion[]> {
    if (subject.versionId === null) return [];
    const found = await this.reach.next(tx, id, subject, null, 1);
    return found.filter((version) => version.id === subject.versionId);
  }
}
