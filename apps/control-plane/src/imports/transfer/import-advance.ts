import { randomUUID } from "node:crypto";
import { Injectable, Logger, type OnModuleDestroy } from "@nestjs/common";
import type { ImportFailure, ImportFailureCode, QueuePayload } from "@ziggurat/contracts";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { QueueHandler } from "../../platform/queue/queue-handler.js";
import type { ImportRow } from "../import-row.js";
import { ImportsRepository } from "../imports.repository.js";
import { SourceFailure } from "../sources/import-source.js";
import { IMPORTER } from "./importer.js";
import { Lease, LeaseLost } from "./lease.js";
import type { Progress } from "./progress.js";
import { Transfer } from "./transfer.service.js";

/** Transfers of this process at once; others wait for their turn. */
const AT_ONCE = 2;
const TURN_SECONDS = 2;
/** Turns in a row that end by our own mistake before the import fails. */
const MOST_MISHAPS = 5;

/**
 * The one step function of imports. It takes the lease of the import that is due and transfers beside the queue, since a transfer may take
 * hours and a queue's handler must not; a message that comes twice finds the lease taken.
 */
@Injectable()
export class ImportAdvance implements OnModuleDestroy {
  private readonly logger = new Logger("Imports");
  private readonly running = new Map<Lease, Promise<void>>();
  /** Places taken, from before the lease is asked for until the work has ended. */
  private taken = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: ImportsRepository,
    private readonly transfer: Transfer,
  ) {}

  @QueueHandler("import.advance")
  async advance({ importId }: QueuePayload<"import.advance">): Promise<void> {
    if (this.taken >= AT_ONCE) return this.wait(importId);
    this.taken += 1;
    const isBegun = await this.begin(importId).catch((error: unknown) => {
      this.taken -= 1;
      throw error;
    });
    if (!isBegun) this.taken -= 1;
  }

  /** @returns false when the import is another's, or wants nothing */
  private async begin(importId: string): Promise<boolean> {
    const leaseId = randomUUID();
    const row = await this.unitOfWork.run(IMPORTER, async (tx) =>
      (await this.imports.claim(tx, importId, leaseId)) ? this.imports.find(tx, importId) : null,
    );
    if (row === null) return false;
    let progress: Progress | null = null;
    const lease = new Lease(importId, leaseId, this.unitOfWork, this.imports, IMPORTER, () => progress?.now() ?? null);
    const work = this.work(row, lease, (found) => {
      progress = found;
    }).finally(() => {
      this.taken -= 1;
      this.running.delete(lease);
    });
    this.running.set(lease, work);
    return true;
  }

  /** A process that leaves gives its imports back, so that another goes on at once. */
  async onModuleDestroy(): Promise<void> {
    for (const lease of this.running.keys()) lease.abandon();
    await Promise.all(this.running.values());
  }

  private async wait(importId: string): Promise<void> {
    await this.unitOfWork.run(IMPORTER, (tx) =>
      tx.query("update imports set due_at = now() + make_interval(secs => $2) where id = $1 and due_at is not null and lease_id is null", [
        importId,
        TURN_SECONDS,
      ]),
    );
  }

  /** Never rejects: whatever happened is in the row, or the lease lapses and another looks. */
  private async work(row: ImportRow, lease: Lease, follow: (progress: Progress) => void): Promise<void> {
    let dueInSeconds: number | null = null;
    try {
      if (row.state === "cancelled") await this.transfer.discard(row);
      else await this.transfer.run(row, lease, follow);
    } catch (error) {
      dueInSeconds = await this.end(row, lease, error).catch((again: unknown) => {
        this.logger.warn(`${row.id}: ${again instanceof Error ? again.message : String(again)}`);
        return TURN_SECONDS;
      });
    }
    await lease.end();
    await this.unitOfWork
      .run(IMPORTER, (tx) => this.imports.release(tx, row.id, lease.id, dueInSeconds))
      .catch((error: unknown) => this.logger.warn(`${row.id}: ${error instanceof Error ? error.message : String(error)}`));
  }

  /** @returns seconds until the import wants attention again, null when it does not */
  private async end(row: ImportRow, lease: Lease, error: unknown): Promise<number | null> {
    if (error instanceof LeaseLost || lease.signal.aborted) return 0;
    const failure = failureOf(error);
    if (failure !== null) {
      await this.fail(row, lease, failure);
      return null;
    }
    this.logger.error({ importId: row.id, message: error instanceof Error ? error.message : String(error) });
    return this.mishap(row, lease, error);
  }

  private async mishap(row: ImportRow, lease: Lease, error: unknown): Promise<number | null> {
    const [now] = await this.unitOfWork.run(IMPORTER, (tx) =>
      tx.query<{ mishaps: number }>("update imports set mishaps = mishaps + 1 where id = $1 returning mishaps", [row.id]),
    );
    const mishaps = now?.mishaps ?? 1;
    if (mishaps < MOST_MISHAPS) return 2 ** mishaps;
    const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
    const detail = isFull ? "the platform's disk is full" : `the platform failed ${mishaps} times in a row; its log has the reason`;
    await this.fail(row, lease, { code: "internal", detail, violations: [] });
    return null;
  }

  private async fail(row: ImportRow, lease: Lease, failure: ImportFailure): Promise<void> {
    await this.unitOfWork.run(IMPORTER, async (tx) => {
      const held = await this.imports.lockHeld(tx, row.id, lease.id);
      if (held !== null) await this.imports.move(tx, held, "failed", { failure, reason: failure.detail.slice(0, 500) });
    });
  }
}

/** Why the import failed, or null where the mistake is ours. */
function failureOf(error: unknown): ImportFailure | null {
  if (error instanceof SourceFailure) return { code: error.code, detail: error.detail, violations: [...(error.options.violations ?? [])] };
  if (!(error instanceof Refusal) || error.code === "internal" || error.code === "unavailable") return null;
  const code: ImportFailureCode = error.code === "denied" || error.code === "hidden" ? "denied" : "rule";
  return { code, detail: error.detail, violations: [...error.violations] };
}
