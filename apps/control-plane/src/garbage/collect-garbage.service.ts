import { Inject, Injectable } from "@nestjs/common";
import { GarbageCollectionId, type QueuePayload } from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { QueueHandler } from "../platform/queue/queue-handler.js";
import { takeDue } from "../platform/queue/take-due.js";
import { BLOB_STORE, type BlobStore, type StoredBlob, type StoredUpload } from "../registry/blobs/blob-store.js";
import { BlobsRepository } from "../registry/blobs/blobs.repository.js";
import { AbandonedRepository } from "./abandoned.repository.js";
import { type CollectionRow, CollectionsRepository, collectionOf } from "./collections.repository.js";
import { type GarbageAmount, GarbageRepository } from "./garbage.repository.js";
import { importOf, isAbandoned } from "./is-abandoned.js";

/** Files in one transaction. */
const BATCH = 100;
/** Seconds after which a collection whose worker fell silent is taken up again. */
const LEASE_SECONDS = 60;

/**
 * Removes garbage in batches. A batch forgets its rows and notes their removal in one transaction; the files go in the next, under the lock
 * that an upload of the same bytes takes as well. A kill between the two leaves notes, and the next turn begins with them.
 */
@Injectable()
export class CollectGarbageWork {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly garbage: GarbageRepository,
    private readonly collections: CollectionsRepository,
    private readonly abandoned: AbandonedRepository,
    private readonly blobs: BlobsRepository,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  @QueueHandler("garbage.collect")
  async collect({ collectionId: id }: QueuePayload<"garbage.collect">): Promise<void> {
    try {
      do await this.removeNoted(id);
      while (await this.unitOfWork.run(COLLECTOR, (tx) => this.forget(tx, id)));
      const row = await this.unitOfWork.run(COLLECTOR, (tx) => this.collections.lockOpen(tx, id, LEASE_SECONDS));
      if (row === null) return;
      await this.giveUploadsUp(row);
      await this.removeStrays(row);
      await this.unitOfWork.run(COLLECTOR, (tx) => this.finish(tx, id));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await this.unitOfWork.run(COLLECTOR, (tx) => this.collections.broke(tx, id, detail));
      throw error;
    }
  }

  /** Enqueues every collection whose row says that work is due, whatever became of earlier messages. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(COLLECTOR, async (tx) => {
      const due = await takeDue(tx, "garbage_collections", LEASE_SECONDS);
      for (const id of due) await tx.enqueue("garbage.collect", { collectionId: GarbageCollectionId.parse(id) });
    });
  }

  /** Uploads that nobody goes on with, and files that the database does not know. Changes nothing. */
  async lookAside(until: Date): Promise<{ readonly uploads: GarbageAmount; readonly strays: GarbageAmount }> {
    let [uploads, strays]: [GarbageAmount, GarbageAmount] = [NOTHING, NOTHING];
    for await (const found of this.abandonedUploads(until)) uploads = plus(uploads, found.sizeBytes);
    for await (const found of this.strays(until)) strays = plus(strays, found.sizeBytes);
    return { uploads, strays };
  }

  /** @returns whether there may be more to forget */
  private async forget(tx: Tx, id: string): Promise<boolean> {
    const row = await this.collections.lockOpen(tx, id, LEASE_SECONDS);
    if (row === null) return false;
    const candidates = await this.garbage.next(tx, row.until, row.cursor, BATCH);
    const last = candidates.at(-1);
    if (last === undefined) return false;
    await this.garbage.forget(tx, { id, institutionId: row.institution_id }, row.until, candidates);
    await this.collections.goOn(tx, id, last);
    return true;
  }

  /** Removes the files of noted blobs, but not of those that somebody has brought again since. */
  async removeNoted(id: string): Promise<void> {
    const batch = () =>
      this.unitOfWork.run(COLLECTOR, async (tx) => {
        const noted = await this.garbage.lockNoted(tx, id, BATCH);
        const back = await this.garbage.known(tx, noted);
        for (const sha256 of noted.filter((digest) => !back.has(digest))) await this.store.remove(sha256);
        await this.garbage.settle(tx, id, noted, back);
        return noted.length === BATCH;
      });
    while (await batch());
  }

  /** Each is looked at once more under the lock that whoever goes on with it takes. */
  private async giveUploadsUp({ id, until }: CollectionRow): Promise<void> {
    for await (const { owner, upload } of this.abandonedUploads(until)) {
      await this.unitOfWork.run(COLLECTOR, async (tx) => {
        if ((await this.collections.lockOpen(tx, id, LEASE_SECONDS)) === null) return;
        await this.blobs.lockUpload(tx, owner, upload);
        const found = await this.store.uploadOf(owner, upload);
        if (found === null || !isAbandoned(found, await this.abandoned.keepers(tx, until, importsOf([found]), "lock"))) return;
        await this.store.discard(owner, upload);
        await this.collections.count(tx, id, "uploads", { count: 1, bytes: found.sizeBytes });
      });
    }
  }

  /** A blob's row and its file come together under its lock: a file without a row there is nobody's. */
  private async removeStrays({ id, until }: CollectionRow): Promise<void> {
    for await (const { sha256 } of this.strays(until)) {
      await this.unitOfWork.run(COLLECTOR, async (tx) => {
        if ((await this.collections.lockOpen(tx, id, LEASE_SECONDS)) === null) return;
        await this.blobs.lock(tx, sha256);
        const sizeBytes = await this.store.sizeOf(sha256);
        if (sizeBytes === null || (await this.garbage.known(tx, [sha256])).has(sha256)) return;
        await this.store.remove(sha256);
        await this.collections.count(tx, id, "strays", { count: 1, bytes: sizeBytes });
      });
    }
  }

  private async *abandonedUploads(until: Date): AsyncIterable<StoredUpload> {
    for await (const batch of batches(this.store.uploads())) {
      const keepers = await this.unitOfWork.run(COLLECTOR, (tx) => this.abandoned.keepers(tx, until, importsOf(batch), "look"));
      yield* batch.filter((upload) => isAbandoned(upload, keepers));
    }
  }

  private async *strays(until: Date): AsyncIterable<StoredBlob> {
    for await (const batch of batches(this.store.blobs())) {
      const known = await this.unitOfWork.run(COLLECTOR, (tx) =>
        this.garbage.known(
          tx,
          batch.map(({ sha256 }) => sha256),
        ),
      );
      yield* batch.filter(({ sha256, changedAt }) => changedAt < until && !known.has(sha256));
    }
  }

  /** Another worker that forgot files meanwhile, and was killed before it removed them, leaves the collection open for the next turn. */
  private async finish(tx: Tx, id: string): Promise<void> {
    if ((await this.collections.lockOpen(tx, id, LEASE_SECONDS)) === null) return;
    if (!(await this.collections.finish(tx, id))) return;
    const row = await this.collections.find(tx, id);
    if (row === null) throw new Error(`Collection ${id} is gone.`);
    const { removed, uploads, strays, cameBack } = collectionOf(row);
    await tx.audit({
      institutionId: row.institution_id,
      action: "garbage.finish",
      object: id,
      reason: row.reason,
      after: { removed, uploads, strays, cameBack },
    });
  }
}

/** Garbage is whatever no institution needs, so it is looked for across all. */
export const COLLECTOR = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "garbage");

const NOTHING: GarbageAmount = { count: 0, bytes: 0 };

function plus({ count, bytes }: GarbageAmount, sizeBytes: number): GarbageAmount {
  return { count: count + 1, bytes: bytes + sizeBytes };
}

function importsOf(uploads: readonly StoredUpload[]): string[] {
  return uploads.flatMap(({ upload }) => importOf(upload) ?? []);
}

async function* batches<T>(source: AsyncIterable<T>): AsyncIterable<readonly T[]> {
  let batch: T[] = [];
  for await (const one of source) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
