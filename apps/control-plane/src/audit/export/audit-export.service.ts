import { Injectable } from "@nestjs/common";
import type { AuditFilter, ExportAudit } from "@ziggurat/contracts";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { refuseIfAny } from "../../platform/errors/refusal.js";
import { AuditRepository } from "../audit.repository.js";
import { type ChainWithHead, ExportLines } from "./export-lines.service.js";

/**
 * Exports of the log: JSON lines, one entry each with its proof, and a last line that signs the whole. */
@Injectable()
export class AuditExport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly exporting: ExportLines,
  ) {}

  /**
   * Checks the wish, notes it in every chain that is read, and answers the lines to come.
   * @throws Refusal `invalid` for parameters that do not go together, `rule` when a chain is unknown or not sealed as far as asked
   */
  async open(viewer: Viewer, wish: ExportAudit): Promise<AsyncGenerator<string>> {
    const { proofs: _, since = 0, ...filter } = wish;
    refuseMismatch(filter, wish);
    const chains = await this.unitOfWork.run(viewer, async (tx) => {
      const slug = filter["filter[chain]"] ?? null;
      const found = await this.audit.chains(tx, slug);
      if (found.length === 0)
        refuseIfAny([{ code: "chain_unknown", detail: `there is no chain ${slug} that you can see`, pointer: "/filter[chain]" }]);
      const sealed: ChainWithHead[] = [];
      for (const chain of found) {
        const head = await this.audit.newestTreeHead(tx, chain.id);
        if (head !== null && head.size >= since) sealed.push({ ...chain, head });
        else if (since > 0)
          refuseIfAny([{ code: "since_beyond", detail: `${chain.slug} is sealed up to ${head?.size ?? 0}`, pointer: "/since" }]);
      }
      // An institution sees in its own chain who took its history along.
      for (const { id, slug: object } of sealed)
        await tx.audit({ institutionId: id, action: "audit.export", object, after: { filter, since } });
      return sealed;
    });
    // The first tree is built before the answer begins, so that a broken chain is refused in words.
    const first = chains[0] === undefined ? null : await this.exporting.tree(viewer, chains[0]);
    return this.exporting.lines(
      viewer,
      chains,
      first,
      { ...wish, since },
      { exportedAt: new Date().toISOString(), exportedBy: viewer.name },
    );
  }
}

function refuseMismatch(filter: AuditFilter, { proofs, since }: ExportAudit): void {
  const narrows = Object.keys(filter).some((name) => name !== "filter[chain]");
  refuseIfAny(
    [
      ...(since !== undefined && filter["filter[chain]"] === undefined
        ? [{ code: "since_without_chain", detail: "since: name the chain with filter[chain]" }]
        : []),
      ...(proofs === "none" && (narrows || since !== undefined)
        ? [{ code: "proofs_needed", detail: "proofs=none is for whole chains: entries chosen out of one need their proofs" }]
        : []),
    ],
    "invalid",
  );
}
