import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../../platform/config.js";
import { noteRead } from "../../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal } from "../../platform/errors/refusal.js";
import { QuotaGuard } from "../../quotas/quota-guard.service.js";
import { VersionViews } from "../versions/version-views.js";
import { type Appended, BLOB_STORE, type BlobStore, PartTooLong, Superseded } from "./blob-store.js";
import { BlobsRepository } from "./blobs.repository.js";
import type { UploadPart } from "./byte-ranges.js";

/** How far an upload is. `complete` means: every byte is there and the digest held. */
export interface UploadStatus {
  readonly complete: boolean;
  readonly offset: number;
}

/** Files by digest, on behalf of the viewer's institution. */
@Injectable()
export class Blobs {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly blobs: BlobsRepository,
    private readonly views: VersionViews,
    private readonly quota: QuotaGuard,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(CONFIG) private readonly config: Pick<Config, "blobs">,
  ) {}

  /**
   * What the viewer's institution has of this file. What others have makes no difference. A file that a quarantined version of its own
   * holds counts as missing: sent again, it takes the place of bytes that may be damaged.
   */
  async status(viewer: Viewer, sha256: string): Promise<UploadStatus> {
    const size = await this.unitOfWork.run(viewer, async (tx) =>
      (await this.blobs.isDoubted(tx, sha256)) ? null : ((await this.usable(tx, [sha256])).get(sha256) ?? null),
    );
    return size === null
      ? { complete: false, offset: await this.store.offsetOf(viewer.institutionId, sha256) }
      : { complete: true, offset: size };
  }

  /**
   * Takes a whole file or its next part. Bytes that somebody else brought already have to be sent all the same: only they prove
   * that the sender has them. What a person brings must find room in the institution's quota, before and after it came; what a job makes
   * that was let in does not: its result is paid for.
   * @throws Refusal `range_mismatch` when the part does not continue what is there, `too_large`, `digest_mismatch`, `limited`
   */
  async receive(viewer: Viewer, sha256: string, part: UploadPart, source: Readable): Promise<UploadStatus & { readonly created: boolean }> {
    const owner = viewer.institutionId;
    const isResult = viewer.reach === "system";
    const { size, room } = await this.unitOfWork.run(viewer, async (tx) => {
      const sound = await this.sizeIfSound(tx, sha256);
      if (sound !== null || isResult) {
        if (sound === null) await this.goOn(tx, owner, sha256);
        return { size: sound, room: null };
      }
      await this.quota.refuseBytes(tx, owner, Math.max(1, part.total ?? 1));
      await this.goOn(tx, owner, sha256);
      return { size: null, room: await this.quota.room(tx, owner) };
    });
    if (size !== null) {
      source.resume();
      return { complete: true, offset: size, created: false };
    }
    this.refuseTooLarge(part.total ?? 0);
    const start = await this.startOf(owner, sha256, part);
    const most = this.config.blobs.maxFileBytes;
    const limit = part.length ?? Math.min(most, Math.max(0, (room ?? most) - start));
    const appended = await this.store.append(owner, sha256, start, limit, source).catch(async (error: unknown) => {
      if (error instanceof PartTooLong && part.length === null && limit < most && room !== null)
        await this.unitOfWork.run(viewer, (tx) => this.quota.refuseBytes(tx, owner, room + 1));
      throw this.refusalOf(error, part, start, source);
    });
    if (part.total !== null && appended.offset < part.total) return { complete: false, offset: appended.offset, created: false };
    return this.finish(viewer, sha256, appended);
  }

  /** Size of a file the viewer may read and is about to be sent, which the audit log notes. @throws Refusal `hidden` */
  async open(viewer: Viewer, sha256: string): Promise<number> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const size = (await this.readable(tx, [sha256])).get(sha256);
      if (size === undefined) throw hidden();
      await noteRead(tx, "file.read", `blobs/${sha256}`);
      return size;
    });
  }

  /**
   * Sizes of those of these files that the viewer may read: the institution's own bytes, and files of released shared versions
   * whose gates hold at this moment.
   */
  async readable(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    return this.withShared(tx, digests, await this.blobs.granted(tx, digests));
  }

  /** As {@link readable}, for bytes that are about to be used: until then they are not taken for garbage. */
  async usable(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    return this.withShared(tx, digests, await this.blobs.claim(tx, digests));
  }

  private async withShared(tx: Tx, digests: readonly string[], own: Map<string, number>): Promise<Map<string, number>> {
    const others = digests.filter((sha256) => !own.has(sha256));
    if (others.length === 0) return own;
    const proven = await this.views.proven(tx, await this.blobs.shared(tx, others));
    return new Map([...own, ...proven.map(({ sha256, sizeBytes }) => [sha256, sizeBytes] as const)]);
  }

  /** Size of what the institution brought before and need not bring again. */
  private async sizeIfSound(tx: Tx, sha256: string): Promise<number | null> {
    const size = (await this.blobs.claim(tx, [sha256])).get(sha256);
    return size === undefined || (await this.blobs.isDoubted(tx, sha256)) ? null : size;
  }

  private async startOf(owner: string, sha256: string, part: UploadPart): Promise<number> {
    if (part.start === null) return 0;
    const offset = await this.store.offsetOf(owner, sha256);
    if (part.start !== offset) throw new Refusal("range_mismatch", `Go on at byte ${offset}.`, [], offsetHeader(offset));
    return offset;
  }

  private refusalOf(error: unknown, part: UploadPart, start: number, source: Readable): unknown {
    if (error instanceof Superseded) return superseded();
    if (error instanceof PartTooLong && part.length === null) return this.tooLarge();
    if (error instanceof PartTooLong) return new Refusal("invalid", "More bytes came than were announced.", [], offsetHeader(start));
    return source.readableEnded
      ? error
      : new Refusal("invalid", "The upload broke off; what arrived is kept. Ask with HEAD where to go on.");
  }

  /** From here on the upload is not given up as abandoned, or has been and begins anew. */
  private async goOn(tx: Tx, owner: string, sha256: string): Promise<void> {
    await this.blobs.lockUpload(tx, owner, sha256);
    await this.store.touch(owner, sha256);
  }

  /** The file takes its place and the grant is written under one lock: a removal of the same bytes comes before both, or sees both. */
  private async finish(viewer: Viewer, sha256: string, { offset: size, sha256: hashed, mark }: Appended) {
    const owner = viewer.institutionId;
    if ((hashed ?? (await digestOf(this.store.readUpload(owner, sha256)))) !== sha256) {
      await this.store.discard(owner, sha256);
      throw new Refusal(
        "digest_mismatch",
        "The bytes have another digest, and were dropped.",
        [{ code: "digest_mismatch", detail: `the bytes do not have the digest ${sha256}` }],
        offsetHeader(0),
      );
    }
    await this.unitOfWork.run(viewer, async (tx) => {
      // Others may have brought theirs in the meantime.
      if (viewer.reach !== "system") await this.quota.admitBytes(tx, owner, size);
      await this.blobs.lock(tx, sha256);
      await this.store.settle(owner, sha256, sha256, mark).catch((error: unknown) => {
        throw error instanceof Superseded ? superseded() : error;
      });
      await this.blobs.grant(tx, owner, sha256, size);
    });
    return { complete: true, offset: size, created: true };
  }

  private refuseTooLarge(bytes: number): void {
    if (bytes > this.config.blobs.maxFileBytes) throw this.tooLarge();
  }

  private tooLarge(): Refusal {
    const detail = `one file may have ${this.config.blobs.maxFileBytes} bytes`;
    return new Refusal("too_large", detail, [{ code: "too_large", detail }]);
  }
}

function superseded(): Refusal {
  return new Refusal("conflict", "A later request goes on with this upload.");
}

async function digestOf(bytes: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}

function offsetHeader(offset: number): Record<string, string> {
  return { "upload-offset": String(offset), "upload-complete": "?0" };
}
