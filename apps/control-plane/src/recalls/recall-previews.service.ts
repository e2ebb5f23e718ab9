import { Injectable } from "@nestjs/common";
import { type RecallPreview, type RecallSubject, TIERS } from "@ziggurat/contracts";
import { RUNNING_STATES, WAITING_STATES } from "@ziggurat/scheduling";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { RecallReachRepository } from "./recall-reach.repository.js";
import { named, sum } from "./recall-row.js";
import { type FoundSubject, RecallSubjects } from "./recall-subjects.service.js";

/** Versions named in a preview. */
const NAMED_IN_PREVIEW = 100;

/** What a recall would reach, before anybody decides. Writes nothing. */
@Injectable()
export class RecallPreviews {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subjects: RecallSubjects,
    private readonly reach: RecallReachRepository,
  ) {}

  /** Only who may recall a thing is shown what stands on it. */
  preview(viewer: Viewer, request: RecallSubject): Promise<RecallPreview> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const subject = await this.subjects.find(tx, request);
      await this.subjects.check(tx, subject, null);
      return this.look(tx, subject);
    });
  }

  private async look(tx: Tx, subject: FoundSubject): Promise<RecallPreview> {
    const { groups, graph } = await this.reach.counts(tx, subject);
    const jobs = await this.reach.jobs(tx, subject);
    const jobsIn = (states: readonly string[]) => sum(jobs.filter(({ state }) => states.includes(state)).map((row) => row.jobs));
    return {
      subject: { kind: subject.kind, ref: subject.ref },
      graph,
      versions: sum(groups.map(({ versions }) => versions)),
      alreadyRecalled: sum(groups.map(({ recalled }) => recalled)),
      byTier: TIERS.map((tier) => ({ tier, versions: sum(groups.filter((group) => group.tier === tier).map(({ versions }) => versions)) })),
      byInstitution: [...new Set(groups.map(({ institution }) => institution))].map((institution) => ({
        institution,
        versions: sum(groups.filter((group) => group.institution === institution).map(({ versions }) => versions)),
      })),
      jobsToCancel: jobsIn(WAITING_STATES),
      jobsToFlag: jobsIn([...RUNNING_STATES, "evaluating"]),
      first: (await this.reach.first(tx, subject, NAMED_IN_PREVIEW)).map(named),
    };
  }
}
