import { Injectable } from "@nestjs/common";
import { type Page, type PageQuery, type Verification, VerificationId } from "@ziggurat/contracts";
import { PLATFORM } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { refOf, type VersionRow } from "../registry/versions/version-row.js";
import { VersionsRepository } from "../registry/versions/versions.repository.js";
import type { VersionPlace } from "../registry/versions/versions.service.js";
import { type VerificationRow, VerificationsRepository } from "./verifications.repository.js";
import { PURGED } from "./verify-version.service.js";

/** Asking for a reading of a version's stored bytes, and what earlier ones found. */
@Injectable()
export class Verifications {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly verifications: VerificationsRepository,
    private readonly cursors: Cursors,
  ) {}

  /** While a reading of the version is open, that one is answered: bytes are not read twice at a time. */
  ask(viewer: Viewer, place: VersionPlace): Promise<Verification> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const version = await this.load(tx, place);
      if (!mayAsk(viewer, version)) {
        throw new Refusal("denied", `Reading the stored bytes needs a role at ${version.owner}, or one of the platform's roles.`);
      }
      if (version.state === "draft") {
        throw new Refusal("conflict", "A draft has no sealed digests to compare with; seal it first.", [
          { code: "state", detail: "draft" },
        ]);
      }
      if (version.is_purged) throw new Refusal("conflict", `Of ${refOf(version)}, ${PURGED}.`, [{ code: "purged", detail: PURGED }]);
      const asked = { id: version.id, institutionId: version.institution_id, sizeBytes: Number(version.size_bytes) };
      const { id, isNew } = await this.verifications.open(tx, asked, "asked", viewer.name);
      if (isNew) await tx.enqueue("version.verify", { verificationId: VerificationId.parse(id) });
      const row = await this.verifications.find(tx, id);
      if (row === null) throw hidden();
      return viewOf(row);
    });
  }

  list(viewer: Viewer, place: VersionPlace, { limit, cursor }: PageQuery): Promise<Page<Verification>> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const version = await this.load(tx, place);
      const binding = boundTo(viewer, `verifications of ${version.id}`);
      const before = this.cursors.decode(cursor, binding)?.[0];
      const rows = await this.verifications.list(tx, version.id, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      return { ...page, data: page.data.map(viewOf) };
    });
  }

  private async load(tx: Tx, { namespace, slug, number }: VersionPlace): Promise<VersionRow> {
    const row = await this.versions.find(tx, namespace, slug, number);
    if (row === null) throw hidden();
    return row;
  }
}

/** Reading costs the store as much as the version is large, so it is for its owner's people and the platform's. */
function mayAsk(viewer: Viewer, version: VersionRow): boolean {
  return viewer.institutionSlug === version.owner || viewer.institutionSlug === PLATFORM || hasRole(viewer, "platform_admin");
}

function viewOf(row: VerificationRow): Verification {
  return {
    id: VerificationId.parse(row.id),
    version: row.ref,
    state: row.state,
    cause: row.cause,
    requestedBy: row.requested_by,
    bytesDone: Number(row.bytes_done),
    bytesTotal: Number(row.bytes_total),
    firstBad: row.bad_path === null || row.bad_problem === null ? null : { path: row.bad_path, problem: row.bad_problem },
    altered: [...row.altered],
    detail: row.detail,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
