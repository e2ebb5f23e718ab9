import { setTimeout as delay } from "node:timers/promises";
import { Inject, Injectable } from "@nestjs/common";
import type { Violation } from "@ziggurat/contracts";
import { checkListing, isExcluded } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../../platform/config.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { QuotaGuard } from "../../quotas/quota-guard.service.js";
import { BLOB_STORE, type BlobStore } from "../../registry/blobs/blob-store.js";
import { BlobsRepository } from "../../registry/blobs/blobs.repository.js";
import { type ImportRow, requestOf } from "../import-row.js";
import { type FileRow, ImportsRepository } from "../imports.repository.js";
import { type ImportSource, type Resolved, SourceFailure } from "../sources/import-source.js";
import { Sources } from "../sources/sources.js";
import { fetchFile } from "./fetch-file.js";
import { FinishImport } from "./finish.service.js";
import { IMPORTER } from "./importer.js";
import { type Lease, LeaseLost } from "./lease.js";
import { Progress } from "./progress.js";

const FILES_AT_ONCE = 3;
const RESOLVE_TRIES = 4;
/** As many as one version may hold. */
const MOST_FILES = 10_000;

/** One import from its listing to its version, by whoever holds its lease. What another began is gone on with. */
@Injectable()
export class Transfer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: ImportsRepository,
    private readonly sources: Sources,
    private readonly finish: FinishImport,
    private readonly blobs: BlobsRepository,
    private readonly quota: QuotaGuard,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(CONFIG) private readonly config: Pick<Config, "blobs">,
  ) {}

  /** @throws SourceFailure and Refusal when the import fails, LeaseLost when it is no longer ours */
  async run(row: ImportRow, lease: Lease, follow: (progress: Progress) => void): Promise<void> {
    const source = await this.sources.open(requestOf(row).source, row.owner);
    const revision = row.state === "resolving" ? await this.list(row, source, lease) : row.revision;
    if (revision === null) throw new Error(`Import ${row.id} transfers without a revision.`);
    const files = await this.unitOfWork.run(IMPORTER, (tx) => this.imports.files(tx, row.id));
    const here = files.filter(({ storedSha256 }) => storedSha256 !== null);
    const progress = new Progress(
      here.length,
      here.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    follow(progress);
    await this.fetchAll(row, source, revision, files, lease, progress);
    await this.finish.finish(row.id, lease);
  }

  /** Forgets unfinished files of an import that nobody goes on with. */
  async discard(row: ImportRow): Promise<void> {
    const files = await this.unitOfWork.run(IMPORTER, (tx) => this.imports.files(tx, row.id));
    for (const { n } of files) await this.store.discard(row.institution_id, uploadOf(row.id, n));
    await this.unitOfWork.run(IMPORTER, (tx) => this.imports.recount(tx, row.id));
  }

  private async list(row: ImportRow, source: ImportSource, lease: Lease): Promise<string> {
    const { exclude } = requestOf(row);
    const resolved = await resolve(source, row.revision, lease);
    const files = resolved.files.filter(({ path }) => !isExcluded(path, exclude));
    const limits = { maxFiles: MOST_FILES, maxFileBytes: this.config.blobs.maxFileBytes };
    refuseListing(checkListing(files, limits));
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await this.unitOfWork.run(IMPORTER, (tx) => this.quota.refuseBytes(tx, row.institution_id, bytes));
    // A listing may replace an older one, whose unfinished files are another's bytes.
    await this.discard(row);
    await this.unitOfWork.run(IMPORTER, async (tx) => {
      const held = await this.imports.lockHeld(tx, row.id, lease.id);
      if (held === null) throw new LeaseLost();
      await this.imports.putListing(tx, held, resolved.revision, files);
      await this.imports.move(tx, { ...held, revision: resolved.revision }, "transferring", { reason: `fixed at ${resolved.revision}` });
    });
    return resolved.revision;
  }

  /** Several files at a time; the first that fails ends them all. */
  private async fetchAll(
    row: ImportRow,
    source: ImportSource,
    revision: string,
    files: readonly FileRow[],
    lease: Lease,
    progress: Progress,
  ): Promise<void> {
    const waiting = files.filter(({ storedSha256 }) => storedSha256 === null);
    const failed = new AbortController();
    const signal = AbortSignal.any([lease.signal, failed.signal]);
    const work = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        await this.fetch(row, source, revision, file, lease, signal, progress);
      }
    };
    const workers = Array.from({ length: FILES_AT_ONCE }, () =>
      work().catch((error: unknown) => {
        if (!failed.signal.aborted) failed.abort(error);
      }),
    );
    await Promise.all(workers);
    signal.throwIfAborted();
  }

  private async fetch(
    row: ImportRow,
    source: ImportSource,
    revision: string,
    file: FileRow,
    lease: Lease,
    signal: AbortSignal,
    progress: Progress,
  ): Promise<void> {
    const upload = uploadOf(row.id, file.n);
    const sha256 = await fetchFile(file, {
      store: this.store,
      source,
      revision,
      owner: row.institution_id,
      upload,
      signal,
      mayWrite: () => lease.check(),
      onBegin: (offset) => progress.begins(file.n, offset),
      onBytes: (bytes) => progress.receives(file.n, bytes),
    });
    // Under one lock, so that a removal of the same bytes comes before both or sees both.
    await this.unitOfWork.run(IMPORTER, async (tx) => {
      await this.blobs.lock(tx, sha256);
      await this.store.settle(row.institution_id, upload, sha256, null);
      await this.imports.stored(tx, row.id, file, sha256);
    });
    progress.finished(file.n, file.sizeBytes);
  }
}

async function resolve(source: ImportSource, pinned: string | null, { signal }: Lease): Promise<Resolved> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await source.resolve(pinned, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SourceFailure) || error.options.retry !== true || tries === RESOLVE_TRIES) throw error;
      await delay((error.options.afterSeconds ?? 2 ** (tries - 2)) * 1000, undefined, { signal });
    }
  }
}

function refuseListing(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  const shown = violations.slice(0, MOST_SHOWN);
  const more = violations.length > shown.length ? `; and ${violations.length - shown.length} more` : "";
  throw new SourceFailure("rule", shown.map(({ detail }) => detail).join("; ") + more, { violations: shown });
}

const MOST_SHOWN = 50;

/** Where a file lies until its digest is known. */
function uploadOf(importId: string, n: number): string {
  return `${importId}-${n}`;
}
