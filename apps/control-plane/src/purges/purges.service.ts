import { Inject, Injectable } from "@nestjs/common";
import type { CreatePurge, ListPurges, Page, PurgePreview, PurgeSubject, Tombstone, Violation } from "@ziggurat/contracts";
import { checkPurge, whyNotPurge } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { viewerFacts } from "../registry/pyramid.js";
import { CarryOutPurge } from "./carry-out-purge.service.js";
import { type PurgeCase, PurgeFactsRepository } from "./purge-facts.repository.js";
import { type PurgeTarget, tombstoneOf } from "./purge-row.js";
import { PurgesRepository } from "./purges.repository.js";

/** Dropping the files of a version, or the rows of a dataset version, for good. */
@Injectable()
export class Purges {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly purges: PurgesRepository,
    private readonly facts: PurgeFactsRepository,
    private readonly work: CarryOutPurge,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  /** Writes nothing. Only who may purge a thing is told what stands on it. */
  preview(viewer: Viewer, request: PurgeSubject): Promise<PurgePreview> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const target = await this.target(tx, request);
      const found = await this.facts.of(tx, target);
      const { graph, files, sizeBytes, ownBytes } = found;
      return { subject: { kind: target.kind, ref: target.ref }, graph, files, sizeBytes, ownBytes, blockers: this.blockers(found) };
    });
  }

  /**
   * Leaves number, digests, lineage and audit entries where they are, and a tombstone.
   * @throws Refusal `conflict` when something keeps it, or anything has changed since the preview; nothing was done then
   */
  execute(viewer: Viewer, { graph, reason, ...request }: CreatePurge): Promise<Tombstone> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const target = await this.target(tx, request);
      await this.purges.lock(tx, [target]);
      const found = await this.facts.of(tx, target);
      const pointer = `/${target.kind}`;
      const kept = this.blockers(found).map(({ code, detail }) => ({ code, detail, pointer }));
      refuseIfAny([...(graph === found.graph ? [] : [CHANGED]), ...kept], "conflict");
      return this.view(tx, await this.work.carryOut(tx, target, found, reason));
    });
  }

  get(viewer: Viewer, id: string): Promise<Tombstone> {
    return this.unitOfWork.run(viewer, (tx) => this.view(tx, id));
  }

  list(viewer: Viewer, { limit, cursor }: ListPurges): Promise<Page<Tombstone>> {
    const binding = boundTo(viewer, "purges");
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.purges.list(tx, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      return { ...page, data: page.data.map(tombstoneOf) };
    });
  }

  private blockers({ facts }: PurgeCase) {
    const { minCrossTenantCount, minRetentionDays } = this.config.rules;
    return checkPurge(facts, { minimumCount: minCrossTenantCount, minimumDays: minRetentionDays, now: new Date() });
  }

  private async target(tx: Tx, request: PurgeSubject): Promise<PurgeTarget> {
    const target = await this.purges.find(tx, request);
    if (target === null) throw hidden();
    const denied = whyNotPurge(viewerFacts(tx.viewer), target.owner);
    if (denied !== null) refuseIfAny([{ code: "purge_role", detail: denied, pointer: `/${target.kind}` }], "denied");
    return target;
  }

  private async view(tx: Tx, id: string): Promise<Tombstone> {
    const row = await this.purges.view(tx, id);
    if (row === null) throw hidden();
    return tombstoneOf(row);
  }
}

const CHANGED: Violation = {
  code: "graph_changed",
  detail: "what stands on it has changed since the preview; look again before you decide",
  pointer: "/graph",
};
