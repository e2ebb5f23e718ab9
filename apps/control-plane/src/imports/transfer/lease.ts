import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { type ImportsRepository, LEASE_SECONDS, type ProgressNow } from "../imports.repository.js";

const RENEW_MS = 1000;

/** The lease is another's, or the import was cancelled: whatever is under way stops, and nothing more is written. */
export class LeaseLost extends Error {}

/** The right to transfer one import, held by renewing it. A process that stood still for too long finds that it has none. */
export class Lease {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewing: Promise<void> = Promise.resolve();
  private until = performance.now() + LEASE_SECONDS * 1000;
  private isBusy = false;

  constructor(
    readonly importId: string,
    readonly id: string,
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: ImportsRepository,
    private readonly viewer: Viewer,
    private readonly progress: () => ProgressNow | null,
  ) {
    this.timer = setInterval(() => this.tick(), RENEW_MS);
    this.timer.unref();
  }

  /** Aborted when the lease is lost or given up. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @throws LeaseLost before a byte is written that may be another's to write by now */
  check(): void {
    if (performance.now() > this.until) this.controller.abort(new LeaseLost());
    this.controller.signal.throwIfAborted();
  }

  abandon(): void {
    this.controller.abort(new LeaseLost());
  }

  /** Renews no more; resolves when the last renewal has ended. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
  }

  private tick(): void {
    if (this.isBusy || this.controller.signal.aborted) return;
    this.isBusy = true;
    const asked = performance.now();
    this.renewing = this.unitOfWork
      .run(this.viewer, (tx) => this.imports.renew(tx, this.importId, this.id, this.progress()))
      .then((isOurs) => {
        if (isOurs) this.until = asked + LEASE_SECONDS * 1000;
        else this.controller.abort(new LeaseLost());
      })
      // A database that is away for a moment does not end a transfer; the lease does, when its time is over.
      .catch(() => undefined)
      .finally(() => {
        this.isBusy = false;
      });
  }
}
