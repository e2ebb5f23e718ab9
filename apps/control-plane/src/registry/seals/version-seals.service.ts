import { Injectable } from "@nestjs/common";
import { type SealDifference, SealRecord, type VersionSeal } from "@ziggurat/contracts";
import { sealDifferences } from "@ziggurat/pyramid";
import { type AuditRecord, auditDigest } from "../../platform/database/audit-record.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden } from "../../platform/errors/refusal.js";
import { refOf } from "../versions/version-row.js";
import { VersionsRepository } from "../versions/versions.repository.js";
import type { VersionPlace } from "../versions/versions.service.js";
import { type SealRow, SealRowsRepository, sealedAs } from "./seal-rows.repository.js";

/** Whether the rows of sealed versions are what they were, by the record made at the sealing and the audit entry that holds its digest. */
@Injectable()
export class VersionSeals {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly rows: SealRowsRepository,
  ) {}

  /** The record of a version. One that is older than such records has none until its baseline is made. */
  get(viewer: Viewer, { namespace, slug, number }: VersionPlace): Promise<VersionSeal> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const version = await this.versions.find(tx, namespace, slug, number);
      const row = version === null ? null : await this.rows.find(tx, version.id);
      if (version === null || row === null) throw hidden();
      const record = SealRecord.parse(JSON.parse(row.record));
      return { version: refOf(version), origin: row.origin, at: row.at.toISOString(), digest: auditDigest(record), record };
    });
  }

  /**
   * What is not as it was sealed. A version older than such records is given its baseline first; without a record it is one whose
   * record was taken away, or that was never sealed by the platform.
   */
  async check(tx: Tx, versionId: string): Promise<readonly SealDifference[]> {
    const [found] = await this.rows.read(tx, [versionId]);
    if (found === undefined) return [];
    const row = (await this.rows.find(tx, versionId)) ?? (await this.baselineOf(tx, found));
    if (row === null) return [{ field: "seal", was: "sealed", is: null }, ...(await this.rows.closureDifferences(tx, versionId))];
    const sealed = parsed(row);
    const differences = sealed === null ? [] : sealDifferences(sealed, found);
    return [...(await this.unsaid(tx, row, sealed)), ...differences, ...(await this.rows.closureDifferences(tx, versionId))];
  }

  /** Makes records of versions that are older than such records. @returns where to go on, null at the end */
  async makeBaselines(tx: Tx, after: string, limit: number): Promise<string | null> {
    const ids = await this.rows.without(tx, after, limit);
    await this.baseline(tx, await this.rows.read(tx, ids));
    return ids.length < limit ? null : (ids.at(-1) ?? null);
  }

  private async baselineOf(tx: Tx, found: SealRecord): Promise<SealRow | null> {
    await this.baseline(tx, [found]);
    return this.rows.find(tx, found.id);
  }

  /** A record whose digest no entry of the audit log holds was written afterwards. */
  private async unsaid(tx: Tx, row: SealRow, sealed: SealRecord | null): Promise<SealDifference[]> {
    if (sealed === null) return [{ field: "seal", was: "sealed", is: row.record.slice(0, MOST_SHOWN) }];
    const action = row.origin === "sealing" ? "version.seal" : "version.baseline";
    const entries = await this.rows.entries(tx, [sealed.institution], [sealed.ref]);
    const said = entries.filter((entry) => entry.action === action).map(({ after_digest }) => after_digest);
    const held = auditDigest(afterOf(sealed, auditDigest(sealed)));
    return said.length === 1 && said[0] === held ? [] : [{ field: "seal", was: said[0] ?? null, is: held }];
  }

  /** Only what the platform sealed before there were records, which the audit entry of that sealing shows. */
  private async baseline(tx: Tx, found: readonly SealRecord[]): Promise<void> {
    if (found.length === 0) return;
    const institutions = [...new Set(found.map(({ institution }) => institution))];
    const entries = await this.rows.entries(
      tx,
      institutions,
      found.map(({ ref }) => ref),
    );
    const older = found.filter((record) => {
      const said = entries.filter(({ object }) => object === record.ref);
      return said.length === 1 && said[0]?.action === "version.seal" && said[0].after_digest === auditDigest(olderAfter(record));
    });
    const made = await this.rows.insertBaselines(tx, older);
    await tx.auditAll(older.filter(({ id }) => made.has(id)).map((record) => entryOf("version.baseline", record, "older than its record")));
  }
}

const MOST_SHOWN = 200;

/** The audit entry of a sealing, or of a baseline: it holds the digest of the record. */
export function entryOf(action: "version.seal" | "version.baseline", record: SealRecord, reason: string): AuditRecord {
  return { institutionId: record.institution, action, object: record.ref, reason, after: afterOf(record, sealedAs(record).digest) };
}

function afterOf({ state, rootDigest }: SealRecord, record: string): object {
  return { state, rootDigest, record };
}

/** What entries of sealings held before there were records. */
function olderAfter({ rootDigest }: SealRecord): object {
  return { state: "sealed", rootDigest };
}

function parsed({ record }: SealRow): SealRecord | null {
  try {
    return SealRecord.parse(JSON.parse(record));
  } catch {
    return null;
  }
}
