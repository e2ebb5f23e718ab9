import { Injectable } from "@nestjs/common";
import type { ChainVerdict, VerificationRun } from "@ziggurat/contracts";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../../platform/errors/refusal.js";
import { AuditRepository } from "../audit.repository.js";
import { VerifyChain } from "../verify-chain.js";
import { type Claim, VerificationsRepository } from "./verifications.repository.js";

/** Progress is written, and the walker's being alive with it, this often. */
const REPORT_MS = 1000;
/** A walker that wrote nothing for so long has died. */
const SILENT_SECONDS = 30;

const walker = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "verifier");

/** Verifications that run by themselves in the worker role; the row says how far each is, whoever asks. */
@Injectable()
export class Verifications {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly verifications: VerificationsRepository,
    private readonly verifyChain: VerifyChain,
  ) {}

  /** Asking again while the same chains are being walked answers the walk under way. */
  start(viewer: Viewer, slug: string | null): Promise<VerificationRun> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const chains = await this.audit.chains(tx, slug);
      if (chains.length === 0)
        refuseIfAny([{ code: "chain_unknown", detail: `there is no chain ${slug} that you can see`, pointer: "/chain" }]);
      await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`audit verification ${viewer.institutionId}`]);
      const underWay = await this.verifications.underWay(tx, chains);
      const id = underWay ?? newId("auditVerification");
      if (underWay === null) {
        await this.verifications.insert(tx, id, chains);
        await tx.audit({
          institutionId: viewer.institutionId,
          action: "audit.verify",
          object: id,
          after: { chains: chains.map((chain) => chain.slug) },
        });
      }
      const run = await this.verifications.find(tx, id);
      if (run === null) throw hidden();
      return run;
    });
  }

  /** @throws Refusal `hidden` */
  async get(viewer: Viewer, id: string): Promise<VerificationRun> {
    const run = await this.unitOfWork.run(viewer, (tx) => this.verifications.find(tx, id));
    if (run === null) throw hidden();
    return run;
  }

  /** Walks what waits; for the worker role's loop. */
  async walkWaiting(isStopping: () => boolean): Promise<void> {
    while (!isStopping()) {
      const claim = await this.unitOfWork.run(walker, (tx) => this.verifications.claim(tx, SILENT_SECONDS));
      if (claim === null) return;
      await this.walk(claim, isStopping);
    }
  }

  private async walk({ id, chains }: Claim, isStopping: () => boolean): Promise<void> {
    let done = 0;
    let written = performance.now();
    const onProgress = async (entries: number): Promise<void> => {
      done += entries;
      // Given up, not failed: the row stays `running`, and the next walker to see it silent begins anew.
      if (isStopping()) throw new Error("the verification goes on after the restart");
      if (performance.now() - written < REPORT_MS) return;
      written = performance.now();
      await this.unitOfWork.run(walker, (tx) => this.verifications.progress(tx, id, done));
    };
    const verdicts: ChainVerdict[] = [];
    for (const chain of chains) verdicts.push(await this.verifyChain.walk(walker, chain, onProgress));
    const result = { ok: verdicts.every(({ ok }) => ok), verifiedAt: new Date().toISOString(), chains: verdicts };
    await this.unitOfWork.run(walker, (tx) => this.verifications.finish(tx, id, done, result));
  }
}
