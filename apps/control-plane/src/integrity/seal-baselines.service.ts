import { Injectable } from "@nestjs/common";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { VersionSeals } from "../registry/seals/version-seals.service.js";

/** Versions of one transaction. */
const BATCH = 100;

/**
 * Gives versions sealed before there were records a baseline, a batch at a time and each batch in a transaction of its own: what a kill
 * leaves is without a record still, and is found again from the start.
 */
@Injectable()
export class SealBaselines {
  private after: string | null = "";

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly seals: VersionSeals,
  ) {}

  /** One batch. Versions without a record do not come up any more, so one way through is enough. @returns whether there may be more */
  async makeSome(): Promise<boolean> {
    const { after } = this;
    if (after === null) return false;
    this.after = await this.unitOfWork.run(recorder, (tx) => this.seals.makeBaselines(tx, after, BATCH));
    return this.after !== null;
  }
}

const recorder = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "integrity");
