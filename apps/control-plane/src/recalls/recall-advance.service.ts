import { Injectable } from "@nestjs/common";
import { type QueuePayload, RecallId } from "@ziggurat/contracts";
import { afterLift, COVERED_STATES, RECALLABLE_STATES } from "@ziggurat/pyramid";
import { Entitlements } from "../entitlements/entitlements.service.js";
import { Notices } from "../notices/notices.service.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { QueueHandler } from "../platform/queue/queue-handler.js";
import { takeDue } from "../platform/queue/take-due.js";
import { RetainedRepository } from "../registry/retained.repository.js";
import { WithdrawnJobs } from "../tuning/withdrawn-jobs.service.js";
import { RecallReachRepository } from "./recall-reach.repository.js";
import type { ReachedVersion, RecallRow } from "./recall-row.js";
import { type HeldVersion, RecallsRepository } from "./recalls.repository.js";

/** Versions in one transaction. */
const BATCH = 200;
/** Seconds after which a recall whose worker fell silent is taken up again. */
const LEASE_SECONDS = 5;

/**
 * Carries recalls out and lifts them, batch by batch. Each batch is a transaction of its own and the rows say what is left, so a crash
 * or a second delivery changes nothing but when the rest is done.
 */
@Injectable()
export class RecallAdvance {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly recalls: RecallsRepository,
    private readonly reach: RecallReachRepository,
    private readonly jobs: WithdrawnJobs,
    private readonly notices: Notices,
    private readonly retained: RetainedRepository,
    private readonly entitlements: Entitlements,
  ) {}

  @QueueHandler("recall.advance")
  async advance({ recallId }: QueuePayload<"recall.advance">): Promise<void> {
    while (await this.unitOfWork.run(worker, (tx) => this.step(tx, recallId)));
  }

  /** One batch. @returns whether there may be more to do */
  private async step(tx: Tx, id: string): Promise<boolean> {
    const recall = await this.recalls.lock(tx, id);
    if (recall?.state === "executing") return this.execute(tx, recall);
    if (recall?.state === "lifting") return this.lift(tx, recall);
    if (recall !== null) await this.recalls.advance(tx, id, recall.state, null, null);
    return false;
  }

  /** A pass in order of lines ends with a look from the start, for versions that were sealed behind it meanwhile. */
  private async execute(tx: Tx, recall: RecallRow): Promise<boolean> {
    const after = recall.cursor_line === null || recall.cursor_seq === null ? null : { line: recall.cursor_line, seq: recall.cursor_seq };
    const found = await this.reach.next(tx, recall.id, subjectOf(recall), after, BATCH);
    const last = found.at(-1);
    await this.block(tx, recall, found);
    const isDone = last === undefined && after === null && !(await this.withdrawJobs(tx, recall));
    const cursor = last === undefined ? null : { line: last.line_id, seq: last.line_seq };
    await this.recalls.advance(tx, recall.id, isDone ? "in_force" : "executing", cursor, isDone ? null : LEASE_SECONDS);
    return !isDone;
  }

  /** Takes versions out of use and tells their owners. The caller holds the locks of the recall and of the versions. */
  async block(tx: Tx, recall: RecallRow, found: readonly ReachedVersion[]): Promise<void> {
    // Whoever was waited for may have been retired meanwhile, and is then out of use already.
    const covered = found.filter(({ state }) => COVERED_STATES.includes(state));
    if (covered.length === 0) return;
    await this.recalls.hold(tx, recall.id, covered);
    const taken = covered.filter(({ state }) => RECALLABLE_STATES.includes(state));
    await this.recalls.setState(
      tx,
      taken.map(({ id }) => id),
      "recalled",
      reasonOf(recall),
    );
    await this.entitlements.suspend(
      tx,
      recall.id,
      taken.map(({ id }) => id),
      reasonOf(recall),
    );
    await tx.auditAll(
      taken.map(({ ref, institution_id, state }) => ({
        institutionId: institution_id,
        action: "version.recall",
        object: ref,
        reason: reasonOf(recall),
        before: { state },
        after: { state: "recalled" },
      })),
    );
    const others = new Set(covered.map(({ institution_id }) => institution_id).filter((owner) => owner !== recall.institution_id));
    for (const institutionId of others) {
      await this.notices.tell(tx, {
        institutionId,
        kind: "recall",
        subject: recall.subject,
        recallId: recall.id,
        reason: recall.reason,
        acknowledgeBy: recall.acknowledge_by,
      });
    }
  }

  /** Comes after the versions, in transactions that hold no version: a job that is being collected holds itself and waits for its parents. */
  private async withdrawJobs(tx: Tx, recall: RecallRow): Promise<boolean> {
    const subject = { id: recall.id, datasetVersionId: recall.dataset_version_id };
    const { cancelled, flagged } = await this.jobs.withdraw(tx, subject, reasonOf(recall), BATCH);
    await this.recalls.countJobs(tx, recall.id, cancelled, flagged);
    return cancelled + flagged > 0;
  }

  private async lift(tx: Tx, recall: RecallRow): Promise<boolean> {
    const held = await this.recalls.nextHeld(tx, recall.id, BATCH);
    if (held.length === 0) {
      await this.jobs.release(tx, recall.id);
      await this.recalls.returnData(tx, recall.id);
      await this.entitlements.resume(tx, recall.id, liftedReason(recall));
      await this.tellLifted(tx, recall);
      await this.recalls.advance(tx, recall.id, "lifted", null, null);
      return false;
    }
    const holds = await this.recalls.otherHolds(
      tx,
      recall.id,
      held.map(({ id }) => id),
    );
    const restored: HeldVersion[] = [];
    for (const version of held) {
      const others = holds.filter(({ version_id }) => version_id === version.id);
      const after = afterLift({ recall: recall.id, before: version.before_state }, others);
      if ("restore" in after) restored.push(version);
      else if (after.handTo !== null) await this.recalls.handOver(tx, version.id, after.handTo, version.before_state);
    }
    const purged = await this.retained.purgedVersions(
      tx,
      restored.map(({ id }) => id),
    );
    // What has no files any more stays recalled for good.
    await this.restore(
      tx,
      recall,
      restored.filter(({ id, before_state }) => before_state !== "recalled" && !purged.has(id)),
    );
    await this.recalls.letGo(
      tx,
      recall.id,
      held.map(({ id }) => id),
    );
    await this.recalls.advance(tx, recall.id, "lifting", null, LEASE_SECONDS);
    return true;
  }

  private async restore(tx: Tx, recall: RecallRow, versions: readonly HeldVersion[]): Promise<void> {
    for (const state of new Set(versions.map(({ before_state }) => before_state))) {
      const ids = versions.filter(({ before_state }) => before_state === state).map(({ id }) => id);
      await this.recalls.setState(tx, ids, state, liftedReason(recall));
    }
    await tx.auditAll(
      versions.map((version) => ({
        institutionId: version.institution_id,
        action: "version.restore",
        object: version.ref,
        reason: liftedReason(recall),
        before: { state: "recalled" },
        after: { state: version.before_state },
      })),
    );
  }

  private async tellLifted(tx: Tx, recall: RecallRow): Promise<void> {
    for (const institutionId of await this.notices.toldOf(tx, recall.id)) {
      await this.notices.tell(tx, {
        institutionId,
        kind: "recall_lifted",
        subject: recall.subject,
        recallId: recall.id,
        reason: recall.lift_reason ?? "",
        acknowledgeBy: null,
      });
    }
  }

  /** Enqueues every recall whose row says that work is due, whatever became of earlier messages. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(worker, async (tx) => {
      const due = await takeDue(tx, "recalls", LEASE_SECONDS);
      for (const id of due) await tx.enqueue("recall.advance", { recallId: RecallId.parse(id) });
    });
  }
}

const worker = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "recalls");

export function subjectOf({ version_id, dataset_version_id }: RecallRow) {
  return { versionId: version_id, datasetVersionId: dataset_version_id };
}

function reasonOf(recall: RecallRow): string {
  return `${recall.id} of ${recall.subject}: ${recall.reason}`;
}

function liftedReason(recall: RecallRow): string {
  return `${recall.id} was lifted: ${recall.lift_reason ?? ""}`;
}
