import { Inject, Injectable } from "@nestjs/common";
import { Inspection, type Page, type PageQuery, type Version, type VersionFile, type VersionInspection } from "@ziggurat/contracts";
import { checkProof, PULLABLE_STATES, WITHDRAWN_STATES } from "@ziggurat/pyramid";
import { noteRead } from "../../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal } from "../../platform/errors/refusal.js";
import { boundTo, Cursors } from "../../platform/http/cursor.js";
import { Models } from "../models/models.service.js";
import { PYRAMID, type Pyramid } from "../pyramid.js";
import { refOf, type VersionRow } from "./version-row.js";
import { VersionViews } from "./version-views.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

/** Where a version lies. */
export interface VersionPlace {
  readonly namespace: string;
  readonly slug: string;
  readonly number: number;
}

/** Reading versions and their files. */
@Injectable()
export class Versions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly versions: VersionsRepository,
    private readonly views: VersionViews,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  get(viewer: Viewer, place: VersionPlace): Promise<Version> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const [view] = await this.views.of(tx, [await this.load(tx, place)]);
      if (view === undefined) throw hidden();
      return view;
    });
  }

  /** What was found in a version when it was sealed. Not part of the version itself, so that lists of versions stay small. */
  inspection(viewer: Viewer, place: VersionPlace): Promise<VersionInspection> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.load(tx, place);
      return { version: refOf(row), inspection: Inspection.nullable().parse(await this.versions.inspection(tx, row.id)) };
    });
  }

  list(viewer: Viewer, namespace: string, slug: string, query: PageQuery): Promise<Page<Version>> {
    const binding = boundTo(viewer, `versions of ${namespace}/${slug}`);
    const [before] = this.cursors.decode(query.cursor, binding) ?? [];
    return this.unitOfWork.run(viewer, async (tx) => {
      // Counting a shared line asks the policies for each of its versions: only where the count is asked for.
      const total = query.include === "total" ? { total: (await this.models.load(tx, namespace, slug)).versions } : {};
      const rows = await this.versions.list(
        tx,
        await this.models.idOf(tx, namespace, slug),
        before === undefined ? null : Number(before),
        query.limit + 1,
      );
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        data: await this.views.of(tx, page),
        nextCursor: rows.length > query.limit && last !== undefined ? this.cursors.encode([last.number], binding) : null,
        ...total,
      };
    });
  }

  files(viewer: Viewer, place: VersionPlace, query: PageQuery): Promise<Page<VersionFile>> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.load(tx, place);
      const binding = boundTo(viewer, `files of ${row.id}`);
      const [after] = this.cursors.decode(query.cursor, binding) ?? [];
      const files = await this.versions.files(tx, row.id, after === undefined ? "" : String(after), query.limit + 1);
      const page = files.slice(0, query.limit);
      const last = page.at(-1);
      return {
        data: page,
        nextCursor: files.length > query.limit && last !== undefined ? this.cursors.encode([last.path], binding) : null,
        ...(query.include === "total" ? { total: row.file_count } : {}),
      };
    });
  }

  /**
   * A file to download: of the viewer's own versions, and of shared ones that are released and whose gates hold at this moment.
   * Handing it out and refusing it are both written into the audit log of the viewer's institution.
   */
  async file(viewer: Viewer, place: VersionPlace, path: string): Promise<StoredFile> {
    const { row, file, refusal } = await this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.load(tx, place);
      const [file, refusal] = [await this.versions.file(tx, row.id, path), await this.whyNotPulled(tx, row)];
      if (file !== null && refusal === null) await noteRead(tx, "file.read", `${refOf(row)}/${path}`);
      return { row, file, refusal };
    });
    if (file === null) throw hidden();
    if (refusal === null) return file;
    const object = `${refOf(row)}/${path}`;
    await this.unitOfWork.run(viewer, (tx) =>
      tx.audit({ institutionId: viewer.institutionId, action: "file.refused", object, reason: refusal.detail }),
    );
    throw refusal;
  }

  private async whyNotPulled(tx: Tx, row: VersionRow): Promise<Refusal | null> {
    const isOwn = row.institution_id === tx.viewer.institutionId;
    if (!isOwn && !this.pyramid[row.tier].isCatalogue) {
      return new Refusal("denied", "The platform's people see that an institution's files exist, not what is in them.");
    }
    if (row.is_purged) {
      const detail = `the files of ${refOf(row)} were dropped for good; its digests and lineage are kept`;
      return new Refusal("conflict", detail, [{ code: "purged", detail }]);
    }
    if (WITHDRAWN_STATES.includes(row.state)) return rule("withdrawn", `${refOf(row)} is ${row.state}; its files are not handed out`);
    if (isOwn) return null;
    if (row.entitled !== null && !row.entitled.rights.some((right) => right !== "see")) {
      return rule("not_entitled", `there is no right to use ${refOf(row)}; ask the platform for an entitlement`);
    }
    if (!PULLABLE_STATES.includes(row.state)) return rule("not_released", `${refOf(row)} is ${row.state}, not released`);
    const gates = (await this.views.gates(tx, [row])).get(row.id) ?? [];
    const open = checkProof(this.pyramid[row.tier], this.views.moveFacts(row, gates));
    return open.length === 0
      ? null
      : new Refusal(
          "rule",
          open.map(({ detail }) => detail).join("; "),
          open.map(({ code, detail }) => ({ code, detail })),
        );
  }

  private async load(tx: Tx, { namespace, slug, number }: VersionPlace): Promise<VersionRow> {
    const row = await this.versions.find(tx, namespace, slug, number);
    if (row === null) throw hidden();
    return row;
  }
}

function rule(code: string, detail: string): Refusal {
  return new Refusal("rule", detail, [{ code, detail }]);
}
