import { Inject, Injectable } from "@nestjs/common";
import {
  type CollectGarbage,
  type Garbage,
  type GarbageCollection,
  GarbageCollectionId,
  type Page,
  type PageQuery,
} from "@ziggurat/contracts";
import { checkCollection, garbageUntil, whyNotGarbage } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { viewerFacts } from "../registry/pyramid.js";
import { COLLECTOR, CollectGarbageWork } from "./collect-garbage.service.js";
import { CollectionsRepository, collectionOf } from "./collections.repository.js";
import { GarbageRepository } from "./garbage.repository.js";

/** Digests named in a preview. */
const NAMED = 50;

/** What administrators of the platform do about garbage: look, have it collected, see how far that is. */
@Injectable()
export class GarbageCollections {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly garbage: GarbageRepository,
    private readonly collections: CollectionsRepository,
    private readonly work: CollectGarbageWork,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Pick<Config, "blobs">,
  ) {}

  /** Changes nothing. */
  async look(viewer: Viewer): Promise<Garbage> {
    this.refuseOthers(viewer);
    const { graceHours } = this.config.blobs;
    const until = garbageUntil(new Date(), graceHours);
    const found = await this.unitOfWork.snapshot(COLLECTOR, async (tx) => ({
      blobs: await this.garbage.count(tx, until),
      first: await this.garbage.first(tx, until, NAMED),
      open: await this.collections.open(tx),
    }));
    const { uploads, strays } = await this.work.lookAside(until);
    return {
      until: until.toISOString(),
      graceHours,
      blobs: { count: found.blobs.count, bytes: found.blobs.bytes, oldest: found.blobs.oldest?.toISOString() ?? null },
      uploads,
      strays,
      first: found.first.map(({ sha256, sizeBytes, since }) => ({ sha256, sizeBytes, since: since.toISOString() })),
      openCollection: found.open === null ? null : GarbageCollectionId.parse(found.open.id),
    };
  }

  /** Begins a collection. What is claimed between the preview and its removal stays, so an old preview removes less, never more. */
  async collect(viewer: Viewer, request: CollectGarbage): Promise<GarbageCollection> {
    this.refuseOthers(viewer);
    const until = new Date(request.until);
    const expected = await this.unitOfWork.run(COLLECTOR, (tx) => this.garbage.count(tx, until));
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.collections.lockAll(tx);
      const open = (await this.collections.open(tx))?.id ?? null;
      const { graceHours } = this.config.blobs;
      const broken = checkCollection(viewerFacts(viewer), { until, now: new Date(), graceHours, open });
      refuseIfAny(broken, broken.some(({ code }) => code === "garbage_open") ? "conflict" : "rule");
      const id = await this.collections.insert(tx, { until, reason: request.reason, expected });
      const after = { until: request.until, files: expected.count, bytes: expected.bytes };
      await tx.audit({ institutionId: viewer.institutionId, action: "garbage.collect", object: id, reason: request.reason, after });
      await tx.enqueue("garbage.collect", { collectionId: GarbageCollectionId.parse(id) });
      return this.view(tx, id);
    });
  }

  get(viewer: Viewer, id: string): Promise<GarbageCollection> {
    this.refuseOthers(viewer);
    return this.unitOfWork.run(viewer, (tx) => this.view(tx, id));
  }

  list(viewer: Viewer, { limit, cursor }: PageQuery): Promise<Page<GarbageCollection>> {
    this.refuseOthers(viewer);
    const binding = boundTo(viewer, "garbage collections");
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.collections.list(tx, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      return { ...page, data: page.data.map(collectionOf) };
    });
  }

  private refuseOthers(viewer: Viewer): void {
    const denied = whyNotGarbage(viewerFacts(viewer));
    if (denied !== null) refuseIfAny([{ code: "garbage_role", detail: denied }], "denied");
  }

  private async view(tx: Tx, id: string): Promise<GarbageCollection> {
    const row = await this.collections.find(tx, id);
    if (row === null) throw hidden();
    return collectionOf(row);
  }
}
