import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { PurgeCase } from "./purge-facts.repository.js";
import type { PurgeTarget } from "./purge-row.js";
import { PurgesRepository } from "./purges.repository.js";

/** A purge that was decided: the files go, the tombstone and the audit entry come. */
@Injectable()
export class CarryOutPurge {
  constructor(private readonly purges: PurgesRepository) {}

  /** Inside a transaction of the caller's, who holds the locks and has asked the rules. @returns the tombstone's id */
  async carryOut(tx: Tx, target: PurgeTarget, found: PurgeCase, reason: string): Promise<string> {
    const { files, sizeBytes, graph } = found;
    const id = await this.purges.drop(tx, target, { state: found.facts.state, files, sizeBytes, reason });
    await tx.audit({
      institutionId: target.institutionId,
      action: target.kind === "version" ? "version.purge" : "dataset.purge",
      object: target.kind === "version" ? target.ref : `datasets/${target.ref}`,
      reason,
      before: { state: found.facts.state, files, sizeBytes },
      after: { tombstone: id, graph },
    });
    return id;
  }
}
