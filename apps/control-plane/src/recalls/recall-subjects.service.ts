import { Inject, Injectable } from "@nestjs/common";
import { parseVersionRef, type RecallSubject, type Tier, type VersionState } from "@ziggurat/contracts";
import { checkRecall } from "@ziggurat/pyramid";
import type { Tx } from "../platform/database/unit-of-work.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { type Subject, tierOfData } from "./recall-row.js";
import { RecallsRepository } from "./recalls.repository.js";

/** A version or dataset version that somebody named, with what the rules ask of it. */
export interface FoundSubject extends Subject {
  readonly kind: "version" | "dataset";
  readonly ref: string;
  readonly institutionId: string;
  readonly owner: string;
  readonly tier: Tier;
}

/** What a recall starts from: found by its name, and whether this viewer may recall it now. */
@Injectable()
export class RecallSubjects {
  constructor(
    private readonly recalls: RecallsRepository,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** @throws Refusal `hidden` */
  async find(tx: Tx, { version, dataset }: RecallSubject): Promise<FoundSubject> {
    const kind = version === undefined ? "dataset" : "version";
    const ref = version ?? dataset ?? "";
    const { namespace, slug, number } = parseVersionRef(ref);
    const [row] = await tx.query<{ id: string; institution_id: string; owner: string; tier: Tier | null }>(
      kind === "version"
        ? `select v.id, v.institution_id, i.slug as owner, v.tier from versions v join models m on m.id = v.model_id
             join institutions i on i.id = v.institution_id where m.namespace = $1 and m.slug = $2 and v.number = $3`
        : `select v.id, v.institution_id, i.slug as owner, null as tier from dataset_versions v
             join datasets m on m.id = v.dataset_id join institutions i on i.id = v.institution_id
           where m.namespace = $1 and m.slug = $2 and v.number = $3`,
      [namespace, slug, number],
    );
    if (row === undefined) throw hidden();
    return {
      kind,
      ref,
      versionId: kind === "version" ? row.id : null,
      datasetVersionId: kind === "dataset" ? row.id : null,
      institutionId: row.institution_id,
      owner: row.owner,
      tier: row.tier ?? tierOfData(row.institution_id),
    };
  }

  /**
   * @param acknowledgeBy when those concerned must have confirmed; null where nothing is to be done yet
   * @throws Refusal when the viewer may not recall it, or it cannot be recalled now
   */
  async check(tx: Tx, subject: FoundSubject, acknowledgeBy: Date | null): Promise<void> {
    const now = new Date();
    const broken = checkRecall(this.pyramid[subject.tier], viewerFacts(tx.viewer), {
      owner: subject.owner,
      state: subject.versionId === null ? null : await this.stateOf(tx, subject.versionId),
      isRecalled: await this.recalls.isRecalled(tx, subject),
      acknowledgeBy: acknowledgeBy ?? new Date(now.getTime() + 3_600_000),
      now,
    });
    if (broken.some(({ code }) => code === "role")) refuseIfAny(broken, "denied");
    if (broken.some(({ code }) => code === "already_recalled" || code === "subject_state")) refuseIfAny(broken, "conflict");
    refuseIfAny(broken);
  }

  /** Read again under the lock, where there is one. */
  private async stateOf(tx: Tx, versionId: string): Promise<VersionState | null> {
    const [row] = await tx.query<{ state: VersionState }>("select state from versions where id = $1", [versionId]);
    return row?.state ?? null;
  }
}
