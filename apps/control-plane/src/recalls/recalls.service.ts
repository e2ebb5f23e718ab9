import { Inject, Injectable } from "@nestjs/common";
import {
  type CreateRecall,
  type LiftRecall,
  type Page,
  type PageQuery,
  parseVersionRef,
  type Recall,
  type RecalledVersion,
  RecallId,
  type RecallPreview,
  type RecallSubject,
  TIERS,
  type Tier,
  type VersionState,
} from "@ziggurat/contracts";
import { checkApprover, checkRecall, whyNot } from "@ziggurat/pyramid";
import { RUNNING_STATES, WAITING_STATES } from "@ziggurat/scheduling";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import type { WorkKind } from "../separation/contributions.repository.js";
import { Separation } from "../separation/separation.service.js";
import { RecallAdvance } from "./recall-advance.service.js";
import { RecallReachRepository } from "./recall-reach.repository.js";
import type { ReachedVersion, RecallRow, Subject } from "./recall-row.js";
import { RecallsRepository } from "./recalls.repository.js";

/** Versions named in a preview. */
const NAMED_IN_PREVIEW = 100;
const DEFAULT_DEADLINE_HOURS = 72;

interface Found extends Subject {
  readonly kind: "version" | "dataset";
  readonly ref: string;
  readonly institutionId: string;
  readonly owner: string;
  readonly tier: Tier;
  readonly state: VersionState | null;
}

/** What people do about recalls: look at what one would reach, execute it, look at it, lift it. */
@Injectable()
export class Recalls {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly recalls: RecallsRepository,
    private readonly reach: RecallReachRepository,
    private readonly advance: RecallAdvance,
    private readonly separation: Separation,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** Writes nothing. Only who may recall a thing is shown what stands on it. */
  preview(viewer: Viewer, request: RecallSubject): Promise<RecallPreview> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const subject = await this.subject(tx, request);
      await this.check(tx, subject, null);
      return this.look(tx, subject);
    });
  }

  /**
   * Withdraws the subject at once, and all that stands on it in batches of the worker.
   * @throws Refusal `conflict` when the graph is no longer the one that the preview showed; nothing was done then
   */
  execute(viewer: Viewer, request: CreateRecall): Promise<Recall> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const subject = await this.subject(tx, request);
      await this.recalls.lockSubject(tx, subject);
      const acknowledgeBy = new Date(request.acknowledgeBy ?? Date.now() + DEFAULT_DEADLINE_HOURS * 3_600_000);
      await this.check(tx, subject, acknowledgeBy);
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
      return this.view(tx, id);
    });
  }

  lift(viewer: Viewer, id: string, { reason }: LiftRecall): Promise<Recall> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const recall = await this.recalls.lock(tx, id);
      if (recall === null) throw hidden();
      const denied = whyNot(this.policyOf(recall), viewerFacts(viewer), recall.owner, "withdraw");
      if (denied !== null) throw new Refusal("denied", `Lifting this recall ${denied}.`);
      const own = await this.separation.check(tx, "recall_lift", ...subjectOf(recall));
      if (own.length > 0) refuseIfAny(own, "denied");
      if (recall.state === "executing") {
        throw new Refusal("conflict", "The recall is still being carried out; lift it when it is in force.", [
          { code: "recall_state", detail: "executing" },
        ]);
      }
      if (recall.state !== "in_force") {
        throw new Refusal("conflict", "The recall has been lifted already.", [{ code: "recall_state", detail: recall.state }]);
      }
      await this.recalls.lift(tx, id, viewer.name, reason);
      await tx.audit({ institutionId: recall.institution_id, action: "recall.lift", object: id, reason, before: { state: recall.state } });
      await tx.enqueue("recall.advance", { recallId: RecallId.parse(id) });
      return this.view(tx, id);
    });
  }

  get(viewer: Viewer, id: string): Promise<Recall> {
    return this.unitOfWork.run(viewer, (tx) => this.view(tx, id));
  }

  list(viewer: Viewer, { limit, cursor }: PageQuery): Promise<Page<Recall>> {
    const binding = boundTo(viewer, "recalls");
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.recalls.list(tx, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      return { ...page, data: await this.views(tx, page.data) };
    });
  }

  /** Who owns none of the versions and not the recall learns nothing of it. */
  versions(viewer: Viewer, id: string, { limit, cursor }: PageQuery): Promise<Page<RecalledVersion>> {
    const binding = boundTo(viewer, `versions of ${id}`);
    const after = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.recalls.items(tx, id, after === undefined ? null : String(after), limit + 1);
      if (rows.length === 0 && (await this.recalls.find(tx, id)) === null) throw hidden();
      const page = this.cursors.page(rows, limit, binding, (row) => [row.id]);
      return { ...page, data: page.data.map(named) };
    });
  }

  private async look(tx: Tx, subject: Found): Promise<RecallPreview> {
    const { groups, graph } = await this.reach.counts(tx, subject);
    const jobs = await this.reach.jobs(tx, subject);
    const jobsIn = (states: readonly string[]) => sum(jobs.filter(({ state }) => states.includes(state)).map((row) => row.jobs));
    return {
      subject: { kind: subject.kind, ref: subject.ref },
      graph,
      versions: sum(groups.map(({ versions }) => versions)),
      alreadyRecalled: sum(groups.map(({ recalled }) => recalled)),
      byTier: TIERS.map((tier) => ({ tier, versions: sum(groups.filter((group) => group.tier === tier).map(({ versions }) => versions)) })),
      byInstitution: [...new Set(groups.map(({ institution }) => institution))].map((institution) => ({
        institution,
        versions: sum(groups.filter((group) => group.institution === institution).map(({ versions }) => versions)),
      })),
      jobsToCancel: jobsIn(WAITING_STATES),
      jobsToFlag: jobsIn([...RUNNING_STATES, "evaluating"]),
      first: (await this.reach.first(tx, subject, NAMED_IN_PREVIEW)).map(named),
    };
  }

  private async check(tx: Tx, subject: Found, acknowledgeBy: Date | null): Promise<void> {
    const now = new Date();
    const broken = checkRecall(this.pyramid[subject.tier], viewerFacts(tx.viewer), {
      owner: subject.owner,
      state: subject.versionId === null ? null : await this.stateOf(tx, subject.versionId),
      isRecalled: await this.recalls.isRecalled(tx, subject),
      acknowledgeBy: acknowledgeBy ?? new Date(now.getTime() + 3_600_000),
      now,
    });
    if (broken.some(({ code }) => code === "role")) refuseIfAny(broken, "denied");
    if (broken.some(({ code }) => code === "already_recalled" || code === "subject_state")) refuseIfAny(broken, "conflict");
    refuseIfAny(broken);
  }

  /** Read again under the lock, where there is one. */
  private async stateOf(tx: Tx, versionId: string): Promise<VersionState | null> {
    const [row] = await tx.query<{ state: VersionState }>("select state from versions where id = $1", [versionId]);
    return row?.state ?? null;
  }

  private async subject(tx: Tx, { version, dataset }: RecallSubject): Promise<Found> {
    const kind = version === undefined ? "dataset" : "version";
    const ref = version ?? dataset ?? "";
    const { namespace, slug, number } = parseVersionRef(ref);
    const [row] = await tx.query<{ id: string; institution_id: string; owner: string; tier: Tier | null; state: VersionState | null }>(
      kind === "version"
        ? `select v.id, v.institution_id, i.slug as owner, v.tier, v.state from versions v join models m on m.id = v.model_id
             join institutions i on i.id = v.institution_id where m.namespace = $1 and m.slug = $2 and v.number = $3`
        : `select v.id, v.institution_id, i.slug as owner, null as tier, null as state from dataset_versions v
             join datasets m on m.id = v.dataset_id join institutions i on i.id = v.institution_id
           where m.namespace = $1 and m.slug = $2 and v.number = $3`,
      [namespace, slug, number],
    );
    if (row === undefined) throw hidden();
    return {
      kind,
      ref,
      versionId: kind === "version" ? row.id : null,
      datasetVersionId: kind === "dataset" ? row.id : null,
      institutionId: row.institution_id,
      owner: row.owner,
      tier: row.tier ?? tierOfData(row.institution_id),
      state: row.state,
    };
  }

  /** The version itself, so that it is out of use when the request is answered; data itself has no state. */
  private async root(tx: Tx, id: string, subject: Found): Promise<ReachedVersion[]> {
    if (subject.versionId === null) return [];
    const found = await this.reach.next(tx, id, subject, null, 1);
    return found.filter((version) => version.id === subject.versionId);
  }

  /** Recalls in force of what the viewer had a hand in. */
  private async ownWork(tx: Tx, rows: readonly RecallRow[]): Promise<ReadonlySet<string>> {
    const open = rows.filter(({ state }) => state === "in_force");
    const idsOf = (wanted: WorkKind) => open.map(subjectOf).flatMap(([kind, id]) => (kind === wanted ? [id] : []));
    const [versions, things] = await Promise.all([
      this.separation.of(tx, "version", idsOf("version")),
      this.separation.of(tx, "thing", idsOf("thing")),
    ]);
    const works = new Map([...versions, ...things]);
    const isOwn = (row: RecallRow) => {
      const work = works.get(subjectOf(row)[1]);
      return work !== undefined && checkApprover("recall_lift", work.contributions, work.approver).length > 0;
    };
    return new Set(open.filter(isOwn).map(({ id }) => id));
  }

  private policyOf(recall: RecallRow) {
    return this.pyramid[recall.tier ?? tierOfData(recall.institution_id)];
  }

  private async view(tx: Tx, id: string): Promise<Recall> {
    const row = await this.recalls.find(tx, id);
    const [view] = row === null ? [] : await this.views(tx, [row]);
    if (view === undefined) throw hidden();
    return view;
  }

  private async views(tx: Tx, rows: readonly RecallRow[]): Promise<Recall[]> {
    const ids = rows.map(({ id }) => id);
    const counts = await this.recalls.counts(tx, ids);
    const own = await this.ownWork(tx, rows);
    const acknowledgements = await this.recalls.acknowledgements(tx, ids);
    return rows.map((row) => ({
      id: RecallId.parse(row.id),
      subject: { kind: row.version_id === null ? "dataset" : "version", ref: row.subject },
      state: row.state,
      reason: row.reason,
      createdAt: row.created_at.toISOString(),
      createdBy: row.created_by,
      acknowledgeBy: row.acknowledge_by.toISOString(),
      expected: row.expected,
      blocked: counts.get(row.id)?.blocked ?? 0,
      restored: counts.get(row.id)?.restored ?? 0,
      jobsCancelled: row.jobs_cancelled,
      jobsFlagged: row.jobs_flagged,
      liftedAt: row.lifted_at?.toISOString() ?? null,
      liftedBy: row.lifted_by,
      liftReason: row.lift_reason,
      acknowledgements: acknowledgements.get(row.id) ?? [],
      mayLift:
        row.state === "in_force" && !own.has(row.id) && whyNot(this.policyOf(row), viewerFacts(tx.viewer), row.owner, "withdraw") === null,
    }));
  }
}

/** What a recall withdrew, as separation of duties looks for it: whoever made it does not bring it back into use. */
function subjectOf({ version_id: version, dataset_version_id: dataset }: RecallRow): [WorkKind, string] {
  return version === null ? ["thing", dataset ?? ""] : ["version", version];
}

/** Who may withdraw data is who may withdraw models of its owner's tier. */
function tierOfData(institutionId: string): Tier {
  return institutionId === PLATFORM_ID ? "finance" : "institution";
}

function named({ ref, tier, owner, state }: ReachedVersion): RecalledVersion {
  return { ref, tier, owner, state };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
