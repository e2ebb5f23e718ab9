import { Inject, Injectable } from "@nestjs/common";
import { type QueuePayload, type SealDifference, VerificationId } from "@ziggurat/contracts";
import { Notices } from "../notices/notices.service.js";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { QueueHandler } from "../platform/queue/queue-handler.js";
import { takeDue } from "../platform/queue/take-due.js";
import { BLOB_STORE, type BlobStore } from "../registry/blobs/blob-store.js";
import { RetainedRepository } from "../registry/retained.repository.js";
import { VersionSeals } from "../registry/seals/version-seals.service.js";
import { Releases } from "../registry/versions/releases.js";
import { VersionsRepository } from "../registry/versions/versions.repository.js";
import { firstBadFile } from "./read-files.js";
import { type BadFile, type HolderRow, type VerificationRow, VerificationsRepository } from "./verifications.repository.js";

/** Seconds after which a reading whose worker fell silent is begun anew. */
const LEASE_SECONDS = 60;
/** Milliseconds between two words about progress. */
const SAY_EVERY_MS = 1000;
/** Readings that wait at most, of those the schedule asks for. */
const MOST_OPEN = 20;

/**
 * Reads versions from the store and compares their rows with the record of their sealing. Quarantines every version that holds bytes
 * which are not what was sealed, and one whose rows are not.
 */
@Injectable()
export class VerifyVersion {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly verifications: VerificationsRepository,
    private readonly releases: Releases,
    private readonly versions: VersionsRepository,
    private readonly retained: RetainedRepository,
    private readonly seals: VersionSeals,
    private readonly notices: Notices,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @QueueHandler("version.verify")
  async verify({ verificationId: id }: QueuePayload<"version.verify">): Promise<void> {
    const work = await this.unitOfWork.run(reader, async (tx) => {
      const row = await this.verifications.find(tx, id);
      if (row === null || !(await this.verifications.progress(tx, id, 0, LEASE_SECONDS))) return null;
      if (await this.endPurged(tx, row)) return null;
      return { row, files: await this.releases.files(tx, row.version_id) };
    });
    if (work === null) return;
    let [said, bytesDone] = [Date.now(), 0];
    const say = async (bytes: number) => {
      bytesDone = bytes;
      if (Date.now() - said < SAY_EVERY_MS) return;
      said = Date.now();
      await this.unitOfWork.run(reader, (tx) => this.verifications.progress(tx, id, bytes, LEASE_SECONDS));
    };
    try {
      const bad = await firstBadFile(this.store, work.files, say);
      await this.unitOfWork.run(reader, (tx) => this.conclude(tx, work.row, bad, bytesDone));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await this.unitOfWork.run(reader, (tx) => this.verifications.finish(tx, id, "failed", { bad: null, altered: [], detail, bytesDone }));
    }
  }

  private async conclude(tx: Tx, row: VerificationRow, bad: BadFile | null, bytesDone: number): Promise<void> {
    if (await this.endPurged(tx, row)) return;
    const altered = await this.seals.check(tx, row.version_id);
    const state = bad === null && altered.length === 0 ? "intact" : "damaged";
    if (!(await this.verifications.finish(tx, row.id, state, { bad, altered, detail: null, bytesDone }))) return;
    await this.verifications.noteChecked(tx, row.version_id, row.institution_id);
    const findings = [...(bad === null ? [] : [`${bad.path} (${bad.problem})`]), ...altered.map(inWords)];
    await tx.audit({
      institutionId: row.institution_id,
      action: "version.verify",
      object: row.ref,
      reason: findings.length === 0 ? state : `${state}: ${shortened(findings)}`,
      after: { verification: row.id, rootDigest: row.root_digest, state, ...(altered.length === 0 ? {} : { altered }) },
    });
    if (bad !== null) await this.quarantine(tx, await this.verifications.holders(tx, bad.sha256), bytesReason(bad));
    if (altered.length > 0) {
      const reason = `rows are not what was sealed: ${shortened(altered.map(inWords))}`;
      await this.quarantine(tx, await this.verifications.live(tx, row.version_id), reason);
    }
  }

  /** A version whose files were dropped has nothing to read; the reading ends and says so. @returns whether it did */
  private async endPurged(tx: Tx, { id, version_id }: VerificationRow): Promise<boolean> {
    if (!(await this.retained.purgedVersions(tx, [version_id])).has(version_id)) return false;
    await this.verifications.finish(tx, id, "failed", { bad: null, altered: [], detail: PURGED, bytesDone: 0 });
    return true;
  }

  /** The same bytes may lie in many versions; each owner learns of its own. */
  private async quarantine(tx: Tx, holders: readonly HolderRow[], reason: string): Promise<void> {
    for (const holder of holders) {
      await this.versions.move(tx, holder.id, "quarantined", reason);
      await tx.audit({
        institutionId: holder.institution_id,
        action: "version.quarantine",
        object: holder.ref,
        reason,
        before: { state: holder.state, rootDigest: holder.root_digest },
        after: { state: "quarantined", rootDigest: holder.root_digest },
      });
      await this.notices.tell(tx, {
        institutionId: holder.institution_id,
        kind: "version_quarantined",
        subject: holder.ref,
        recallId: null,
        reason,
        acknowledgeBy: null,
      });
    }
  }

  /** Enqueues readings whose rows are due, and asks for those that the schedule wants. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(reader, async (tx) => {
      const due = await takeDue(tx, "verifications", LEASE_SECONDS);
      for (const id of due) await tx.enqueue("version.verify", { verificationId: VerificationId.parse(id) });
    });
  }

  /** @returns how many readings were asked for */
  async schedule(): Promise<number> {
    const { verifyEveryHours } = this.config;
    if (verifyEveryHours === 0) return 0;
    return this.unitOfWork.run(reader, async (tx) => {
      const room = MOST_OPEN - (await this.verifications.countOpen(tx));
      const unread = room <= 0 ? [] : await this.verifications.unread(tx, verifyEveryHours, room);
      for (const { id, institution_id, size_bytes } of unread) {
        const version = { id, institutionId: institution_id, sizeBytes: Number(size_bytes) };
        const opened = await this.verifications.open(tx, version, "schedule", "schedule");
        await tx.enqueue("version.verify", { verificationId: VerificationId.parse(opened.id) });
      }
      return unread.length;
    });
  }
}

/** Why there is nothing to read. */
export const PURGED = "its files were dropped for good; there is nothing to read";
const MOST_SHOWN = 3;

const bytesReason = ({ sha256, problem }: BadFile): string => `stored bytes ${sha256.slice(0, 12)}… are not what was sealed (${problem})`;

/** A difference as it stands in a reason: `parents[0].ref: was finance/base@1, is finance/base@2`. */
const inWords = ({ field, was, is }: SealDifference): string => `${field}: was ${was ?? "nothing"}, is ${is ?? "nothing"}`;

/** The first few, and how many more there are: the verification holds them all. */
function shortened(findings: readonly string[]): string {
  const more = findings.length - MOST_SHOWN;
  return findings.slice(0, MOST_SHOWN).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

const reader = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "integrity");
