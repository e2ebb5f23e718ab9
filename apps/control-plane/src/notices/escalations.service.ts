import { Injectable } from "@nestjs/common";
import { ESCALATION_HOURS, escalationsDue } from "@ziggurat/pyramid";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { NoticesRepository } from "./notices.repository.js";

const BATCH = 200;

/** Passes deadlines that were missed on to the platform, once for each step, however often it is asked and however late. */
@Injectable()
export class Escalations {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notices: NoticesRepository,
  ) {}

  /** @returns how many steps were taken */
  run(now: Date): Promise<number> {
    return this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "deadlines"), async (tx) => {
      let taken = 0;
      for (const row of await this.notices.overdue(tx, now, ESCALATION_HOURS, BATCH)) {
        const due = escalationsDue(row.acknowledge_by, now);
        for (let step = row.escalations + 1; step <= due; step += 1) {
          const reason = `${row.institution} has not confirmed by ${row.acknowledge_by.toISOString()}`;
          await this.notices.insert(tx, {
            institutionId: PLATFORM_ID,
            kind: "recall_unacknowledged",
            subject: row.subject,
            recallId: row.recall_id,
            reason,
            acknowledgeBy: null,
            about: row.institution,
            step,
          });
          await tx.audit({ institutionId: row.institution_id, action: "notice.escalate", object: row.id, reason, after: { step } });
          taken += 1;
        }
        if (due > row.escalations) await this.notices.escalated(tx, row.id, due);
      }
      return taken;
    });
  }
}
