import { Injectable } from "@nestjs/common";
import { CreateVersion, parseVersionRef } from "@ziggurat/contracts";
import { UsersRepository } from "../../identity/users.repository.js";
import { PLATFORM_ID } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { BlobsRepository } from "../../registry/blobs/blobs.repository.js";
import { Drafts } from "../../registry/versions/drafts.service.js";
import { Transitions } from "../../registry/versions/transitions.service.js";
import { type ImportRow, requestOf } from "../import-row.js";
import { ImportsRepository } from "../imports.repository.js";
import { IMPORTER } from "./importer.js";
import { type Lease, LeaseLost } from "./lease.js";

/**
 * The end of an import: the draft with all its files, and the import's own state, in one transaction. It is written as whoever asked, with the
 * rights they have at this moment.
 */
@Injectable()
export class FinishImport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: ImportsRepository,
    private readonly users: UsersRepository,
    private readonly blobs: BlobsRepository,
    private readonly drafts: Drafts,
    private readonly transitions: Transitions,
  ) {}

  /** @throws Refusal when a rule stands against the version; nothing of it was written then */
  async finish(importId: string, lease: Lease): Promise<void> {
    lease.check();
    const { row, files } = await this.unitOfWork.run(IMPORTER, async (tx) => {
      const found = await this.imports.find(tx, importId);
      if (found === null) throw new Error(`Import ${importId} is gone.`);
      return { row: found, files: await this.imports.files(tx, importId) };
    });
    const viewer = await this.requester(row);
    const stored = files.map(({ path, sizeBytes, storedSha256 }) => {
      if (storedSha256 === null) throw new Error(`${path} of import ${importId} is not here.`);
      return { path, sizeBytes, sha256: storedSha256 };
    });
    // The institution brought these bytes, whatever becomes of the version: from here on they are its own.
    await this.unitOfWork.run(viewer, async (tx) => {
      for (const { sha256, sizeBytes } of stored) await this.blobs.grant(tx, row.institution_id, sha256, sizeBytes);
    });
    const { model, artifactKind, parents, notes, seal } = requestOf(row);
    const [namespace = "", slug = ""] = model.split("/");
    const version = CreateVersion.parse({ artifactKind, parents, notes, files: stored.map(({ path, sha256 }) => ({ path, sha256 })) });
    const write = await this.drafts.prepare(viewer, namespace, slug, version);
    await this.unitOfWork.run(viewer, async (tx) => {
      const held = await this.imports.lockHeld(tx, importId, lease.id);
      if (held === null) throw new LeaseLost();
      const draft = await write(tx);
      if (seal) await this.transitions.moveIn(tx, parseVersionRef(draft.ref), { to: "sealed", reason: `import ${importId}` });
      await tx.query("update imports set files_done = files_total, bytes_done = bytes_total where id = $1", [importId]);
      await this.imports.move(tx, held, "done", { versionId: draft.id, reason: draft.ref });
    });
  }

  private async requester(row: ImportRow): Promise<Viewer> {
    const account = await this.unitOfWork.run(IMPORTER, (tx) => this.users.findById(tx, row.requested_by));
    if (account === null || account.institutionId !== row.institution_id) {
      throw new Refusal("denied", `${row.requested_by_name}, who asked for this import, is no longer a member of ${row.owner}`);
    }
    return {
      userId: account.id,
      name: account.name,
      institutionId: account.institutionId,
      institutionSlug: account.institutionSlug,
      roles: account.roles,
      scopes: [],
      reach: account.institutionId === PLATFORM_ID ? "platform" : "tenant",
      requestId: null,
    };
  }
}
