import { Inject, Injectable } from "@nestjs/common";
import { type Page, type PageQuery, type Recall, type RecalledVersion, RecallId } from "@ziggurat/contracts";
import { checkApprover, whyNotRestore } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import type { WorkKind } from "../separation/contributions.repository.js";
import { Separation } from "../separation/separation.service.js";
import { named, type RecallRow, tierOf, workOf } from "./recall-row.js";
import { RecallsRepository } from "./recalls.repository.js";

/** Recalls as people see them, with what is open to whoever looks. */
@Injectable()
export class RecallViews {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly recalls: RecallsRepository,
    private readonly separation: Separation,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

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

  /** @throws Refusal `hidden` */
  async view(tx: Tx, id: string): Promise<Recall> {
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
    const facts = viewerFacts(tx.viewer);
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
      mayLift: row.state === "in_force" && !own.has(row.id) && whyNotRestore(this.pyramid[tierOf(row)], facts, row.owner) === null,
    }));
  }

  /** Recalls in force of what the viewer had a hand in. */
  private async ownWork(tx: Tx, rows: readonly RecallRow[]): Promise<ReadonlySet<string>> {
    const open = rows.filter(({ state }) => state === "in_force");
    const idsOf = (wanted: WorkKind) => open.map(workOf).flatMap(([kind, id]) => (kind === wanted ? [id] : []));
    const [versions, things] = await Promise.all([
      this.separation.of(tx, "version", idsOf("version")),
      this.separation.of(tx, "thing", idsOf("thing")),
    ]);
    const works = new Map([...versions, ...things]);
    const isOwn = (row: RecallRow) => {
      const work = works.get(workOf(row)[1]);
      return work !== undefined && checkApprover("recall_lift", work.contributions, work.approver).length > 0;
    };
    return new Set(open.filter(isOwn).map(({ id }) => id));
  }
}
