import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Inject, Injectable } from "@nestjs/common";
import { type InstitutionExport, InstitutionExportId } from "@ziggurat/contracts";
import { CONFIG, type Config } from "../platform/config.js";
import { noteRead } from "../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import type { ByteRange } from "../registry/blobs/blob-store.js";
import { exportPaths, removeExport } from "./archive/archive-file.js";
import { ExitFactsRepository } from "./exit-facts.repository.js";
import { Exits } from "./exits.service.js";
import { ExportsRepository, exportOf } from "./exports.repository.js";

/** An archive ready to be sent. */
export interface OpenArchive {
  readonly id: string;
  readonly fileName: string;
  readonly size: number;
  read(range: ByteRange | null): Readable;
}

/** Exports of institutions, which only their own administrators make and take along: what is in them is theirs, not the platform's. */
@Injectable()
export class InstitutionExports {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exits: Exits,
    private readonly exports: ExportsRepository,
    private readonly facts: ExitFactsRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, "dataDir">,
  ) {}

  /** Asked for twice, the one under way is answered. */
  async request(viewer: Viewer, slug: string): Promise<InstitutionExport> {
    const institution = await this.exits.visible(viewer, slug);
    this.exits.refuse("export", viewer, institution, null);
    return this.unitOfWork.run(viewer, async (tx) => {
      await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`export of ${institution.id}`]);
      const open = await this.exports.openOf(tx, institution.id);
      if (open !== null) return exportOf(open, false);
      const id = await this.exports.insert(tx, institution.id);
      await tx.audit({ institutionId: institution.id, action: "institution.export", object: id });
      await tx.enqueue("institution.export", { exportId: InstitutionExportId.parse(id) });
      return this.view(tx, institution.id, id);
    });
  }

  async get(viewer: Viewer, slug: string, id: string): Promise<InstitutionExport> {
    const institution = await this.exits.visible(viewer, slug);
    return this.unitOfWork.run({ ...viewer, reach: "system" }, (tx) => this.view(tx, institution.id, id));
  }

  async cancel(viewer: Viewer, slug: string, id: string): Promise<InstitutionExport> {
    const institution = await this.exits.visible(viewer, slug);
    this.exits.refuse("export", viewer, institution, null);
    const view = await this.unitOfWork.run(viewer, async (tx) => {
      await this.view(tx, institution.id, id);
      if (!(await this.exports.cancel(tx, id))) {
        const detail = "it has ended already";
        throw new Refusal("conflict", detail, [{ code: "export_state", detail }]);
      }
      await tx.audit({ institutionId: institution.id, action: "institution.export_cancel", object: id });
      return this.view(tx, institution.id, id);
    });
    await removeExport(this.config.dataDir, institution.id, id);
    return view;
  }

  /** Notes who takes it along, once per quarter of an hour, and answers its bytes to come. */
  async open(viewer: Viewer, slug: string, id: string): Promise<OpenArchive> {
    const institution = await this.exits.visible(viewer, slug);
    this.exits.refuse("export", viewer, institution, null);
    const row = await this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.exports.find(tx, id);
      if (found === null || found.institution_id !== institution.id) throw hidden();
      if (found.state === "done") await noteRead(tx, "institution.export_read", id);
      return found;
    });
    const { archive } = exportPaths(this.config.dataDir, institution.id, id);
    const size = row.state === "done" ? await sizeOf(archive) : null;
    if (size === null) {
      const detail = row.state === "done" ? "a newer export took its place" : `it is ${row.state}`;
      throw new Refusal("conflict", detail, [{ code: "export_state", detail }]);
    }
    return {
      id,
      size,
      fileName: `${slug}-${(row.as_of ?? row.created_at).toISOString().replace(/[-:]|\.\d+/g, "")}.tar`,
      read: (range) => createReadStream(archive, range === null ? {} : { start: range.first, end: range.last }),
    };
  }

  private async view(tx: Tx, institutionId: string, id: string): Promise<InstitutionExport> {
    const row = await this.exports.find(tx, id);
    if (row === null || row.institution_id !== institutionId) throw hidden();
    const newest = await this.facts.newestExport(tx, institutionId);
    const isNewest = newest !== null && newest.id === id;
    return exportOf(row, isNewest && (await this.facts.changes(tx, institutionId, newest.as_of)) === newest.changes);
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch {
    return null;
  }
}
