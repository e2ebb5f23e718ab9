import { Inject, Injectable } from "@nestjs/common";
import { type CleanUp, CleanUpId, type QueuePayload } from "@ziggurat/contracts";
import { whyKept } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { QueueHandler } from "../platform/queue/queue-handler.js";
import { takeDue } from "../platform/queue/take-due.js";
import { CarryOutPurge } from "../purges/carry-out-purge.service.js";
import { PurgeFactsRepository } from "../purges/purge-facts.repository.js";
import type { PurgeTarget } from "../purges/purge-row.js";
import { PurgesRepository } from "../purges/purges.repository.js";
import { CleanUpsRepository } from "./clean-ups.repository.js";
import { RulesRepository } from "./rules.repository.js";

/** Versions in one transaction. */
const BATCH = 50;
/** Seconds after which a clean-up whose worker fell silent is taken up again. */
const LEASE_SECONDS = 10;

/**
 * Carries clean-ups out, batch by batch. Each batch is a transaction of its own and the rows say what is left, so a crash or a second
 * delivery changes nothing but when the rest is done. What came to be kept since the preview is kept. Switching the rule off stops it.
 */
@Injectable()
export class CleanUpAdvance {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RulesRepository,
    private readonly cleanUps: CleanUpsRepository,
    private readonly purges: PurgesRepository,
    private readonly facts: PurgeFactsRepository,
    private readonly work: CarryOutPurge,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  @QueueHandler("clean-up.advance")
  async advance({ cleanUpId }: QueuePayload<"clean-up.advance">): Promise<void> {
    while (await this.unitOfWork.run(worker, (tx) => this.step(tx, cleanUpId)));
  }

  /** One batch. @returns whether there may be more to do */
  private async step(tx: Tx, id: string): Promise<boolean> {
    const cleanUp = await this.cleanUps.lock(tx, id);
    if (cleanUp === null || cleanUp.state === "done") return false;
    const newest = await this.rules.newest(tx, cleanUp.rule);
    if (newest?.isEnabled !== true) await this.cleanUps.keepRest(tx, id, "rule_disabled");
    const batch = await this.cleanUps.waiting(tx, id, BATCH);
    await this.take(tx, cleanUp, batch);
    await this.cleanUps.advance(tx, id, batch.length === 0 ? null : LEASE_SECONDS);
    return batch.length > 0;
  }

  private async take(tx: Tx, cleanUp: CleanUp, batch: readonly PurgeTarget[]): Promise<void> {
    if (batch.length === 0) return;
    const rule = await this.rules.revision(tx, cleanUp.rule, cleanUp.revision);
    if (rule === null) throw new Error(`Rule ${cleanUp.rule} has no revision ${cleanUp.revision}.`);
    await this.purges.lock(tx, batch);
    const cases = await this.facts.ofAll(tx, batch);
    const { minCrossTenantCount, minRetentionDays } = this.config.rules;
    const limits = { minimumCount: minCrossTenantCount, minimumDays: minRetentionDays, now: new Date() };
    for (const target of batch) {
      const found = cases.get(target.id);
      if (found === undefined) throw new Error(`Version ${target.id} cannot be read.`);
      const codes = whyKept(rule, { ...found.facts, isReturning: found.isReturning }, limits).map(({ code }) => code);
      if (codes.length === 0) await this.work.carryOut(tx, target, found, reasonOf(cleanUp));
      const outcome = codes.length === 0 ? "purged" : "kept";
      await this.cleanUps.settle(tx, cleanUp.id, target.id, { outcome, codes, sizeBytes: outcome === "purged" ? found.sizeBytes : 0 });
    }
  }

  /** Enqueues every clean-up whose row says that work is due, whatever became of earlier messages. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(worker, async (tx) => {
      const due = await takeDue(tx, "clean_ups", LEASE_SECONDS);
      for (const id of due) await tx.enqueue("clean-up.advance", { cleanUpId: CleanUpId.parse(id) });
    });
  }
}

const worker = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "clean-up");

function reasonOf({ id, rule, revision, requestedBy, reason }: CleanUp): string {
  return `${id} by rule ${rule}, revision ${revision}, asked for by ${requestedBy}: ${reason}`;
}
