import { Injectable } from "@nestjs/common";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { AuditRepository, type Chain } from "../audit.repository.js";
import { type ChainWithHead, ExportLines } from "./export-lines.service.js";

/** One institution's log up to an instant, as an export that is the same bytes whenever and by whomever it is taken. */
@Injectable()
export class AuditSlices {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly exporting: ExportLines,
  ) {}

  /**
   * Its entries prove themselves against the first signed head that covers them all, so what was sealed since changes nothing.
   * @returns the lines in parts, the signing one last; null while not every entry up to the instant is sealed
   * @throws Refusal `conflict` when the chain does not fit that head
   */
  async open(viewer: Viewer, chain: Chain, at: string): Promise<AsyncGenerator<string> | null> {
    const head = await this.unitOfWork.run(viewer, (tx) => this.audit.treeHeadCovering(tx, chain.id, at));
    if (head === null) return null;
    const whole: ChainWithHead = { ...chain, head };
    const wish = { "filter[chain]": chain.slug, "filter[to]": at, proofs: "each" as const, since: 0 };
    return this.exporting.lines(viewer, [whole], await this.exporting.tree(viewer, whole), wish, {
      exportedAt: at,
      exportedBy: "evidence pack",
    });
  }
}
