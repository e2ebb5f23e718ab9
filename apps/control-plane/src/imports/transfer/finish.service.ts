import { Injectable } from "@nestjs/common";
import { CreateVersion, parseVersionRef } from "@ziggurat/contracts";
import { UsersRepository } from "../../identity/users.repository.js";
import { PLATFORM_ID } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { BlobsRepository } from "../../registry/blobs/blobs.repository.js";
import { Drafts } from "../../registry/versions/drafts.service.js";
import { Transitions } from "../../registry/versions/transitions.service.js";
import { type ImportRow, requestOf } from "../import-row.js";
import { ImportsRepository } from "../imports.repository.js";
import { IMPORTER } from "./importer.js";
import { type Lease, LeaseLost } from "./lease.js";

/**
 * The end of an import: the draft with all its files, and the import's own state, in one transaction. It was let begin by a right that was asked
 * for then, and is finished by it: a token that was revoked and a role that was taken away end what may be begun, not what was acknowledged.
 * Whoever has left acts no more, so the institution itself finishes what is theirs.
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
    const viewer = await this.finisher(row);
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

  /** Whoever asked for it, or the institution in their place; with the right to draft at home, and no other. */
  private async finisher(row: ImportRow): Promise<Viewer> {
    const account = await this.unitOfWork.run(IMPORTER, (tx) => this.users.findById(tx, row.requested_by));
    const isThere = account !== null && account.institutionId === row.institution_id;
    return {
      userId: isThere ? account.id : "system",
      name: isThere ? account.name : `${row.owner}, for ${row.requested_by_name}`,
      institutionId: row.institution_id,
      institutionSlug: row.owner,
      roles: [],
      scopes: [],
      customScopes: ["models:write"],
      reach: row.institution_id === PLATFORM_ID ? "platform" : "tenant",
      requestId: null,
    };
  }
}
