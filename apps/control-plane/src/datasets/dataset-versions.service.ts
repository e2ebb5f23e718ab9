import { Inject, Injectable } from "@nestjs/common";
import type { CreateDatasetVersion, DatasetRows, DatasetVersion, Page, PageQuery } from "@ziggurat/contracts";
import { z } from "zod";
import { noteRead } from "../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { BLOB_STORE, type BlobStore } from "../registry/blobs/blob-store.js";
import { BlobsRepository } from "../registry/blobs/blobs.repository.js";
import { RetainedRepository } from "../registry/retained.repository.js";
import { checkRows } from "./check-rows.js";
import { type DatasetVersionRow, datasetVersionOf } from "./dataset-row.js";
import { DatasetsRepository } from "./datasets.repository.js";
import { Datasets } from "./datasets.service.js";
import { linesOf } from "./lines.js";
import { MAX_LINE_BYTES } from "./row-check.js";

export interface DatasetPlace {
  readonly namespace: string;
  readonly slug: string;
  readonly number: number;
}

/** Versions of datasets: every row checked before one exists, and never changed after. */
@Injectable()
export class DatasetVersions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly datasets: Datasets,
    private readonly rows: DatasetsRepository,
    private readonly blobs: BlobsRepository,
    private readonly retained: RetainedRepository,
    private readonly cursors: Cursors,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  async create(viewer: Viewer, namespace: string, slug: string, request: CreateDatasetVersion): Promise<DatasetVersion> {
    const { dataset, sizeBytes } = await this.unitOfWork.run(viewer, async (tx) => {
      const dataset = await this.datasets.load(tx, namespace, slug);
      this.datasets.refuseContribution(viewer, namespace, dataset.owner);
      return { dataset, sizeBytes: (await this.blobs.claim(tx, [request.sha256])).get(request.sha256) };
    });
    if (sizeBytes === undefined) refuseIfAny([{ code: "blob_unknown", detail: "upload the bytes first", pointer: "/sha256" }]);
    const checked = await checkRows(dataset.format, this.store.read(request.sha256));
    refuseIfAny(checked.violations);

    return this.unitOfWork.run(viewer, async (tx) => {
      const number = await this.rows.takeNumber(tx, dataset.id);
      const twin = await this.rows.numberOf(tx, dataset.id, request.sha256);
      if (twin !== null) {
        const detail = `${namespace}/${slug}@${twin} has these very bytes`;
        throw new Refusal("conflict", detail, [{ code: "duplicate_version", detail, pointer: "/sha256" }]);
      }
      await this.rows.insertVersion(tx, dataset, {
        number,
        sha256: request.sha256,
        sizeBytes: sizeBytes ?? 0,
        notes: request.notes,
        checked,
      });
      const object = `datasets/${namespace}/${slug}@${number}`;
      await tx.audit({
        institutionId: dataset.institution_id,
        action: "dataset.version",
        object,
        after: { ...request, rows: checked.rows },
      });
      return this.view(tx, await this.load(tx, { namespace, slug, number }));
    });
  }

  get(viewer: Viewer, place: DatasetPlace): Promise<DatasetVersion> {
    return this.unitOfWork.run(viewer, async (tx) => this.view(tx, await this.load(tx, place)));
  }

  list(viewer: Viewer, namespace: string, slug: string, query: PageQuery): Promise<Page<DatasetVersion>> {
    const binding = boundTo(viewer, `versions of datasets/${namespace}/${slug}`);
    const [before] = this.cursors.decode(query.cursor, binding) ?? [];
    return this.unitOfWork.run(viewer, async (tx) => {
      const dataset = await this.datasets.load(tx, namespace, slug);
      const rows = await this.rows.listVersions(tx, dataset.id, before === undefined ? null : Number(before), query.limit + 1);
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        data: await this.views(tx, page),
        nextCursor: rows.length > query.limit && last !== undefined ? this.cursors.encode([last.number], binding) : null,
        ...(query.include === "total" ? { total: dataset.versions } : {}),
      };
    });
  }

  /** Rows as they were uploaded, for their owner alone: others see that the data exists, not what is in it. */
  async preview(viewer: Viewer, place: DatasetPlace, offset: number, limit: number): Promise<DatasetRows> {
    const row = await this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.load(tx, place);
      if (found.institution_id !== viewer.institutionId) throw new Refusal("denied", `Only ${found.owner} reads the rows of this dataset.`);
      if ((await this.retained.purgedDatasets(tx, [found.id])).has(found.id)) {
        throw new Refusal("conflict", "The rows of this version were dropped for good.", [
          { code: "purged", detail: "its rows were dropped" },
        ]);
      }
      await noteRead(tx, "dataset.read_rows", `datasets/${place.namespace}/${place.slug}@${place.number}`);
      return found;
    });
    const rows: DatasetRows["rows"] = [];
    for await (const { number, bytes } of linesOf(this.store.read(row.sha256), MAX_LINE_BYTES)) {
      if (number > offset && bytes !== null)
        rows.push({ line: number, value: z.json().parse(JSON.parse(new TextDecoder().decode(bytes))) });
      if (number >= offset + limit) break;
    }
    return { offset, total: row.rows, rows };
  }

  private async view(tx: Tx, row: DatasetVersionRow): Promise<DatasetVersion> {
    const [view] = await this.views(tx, [row]);
    if (view === undefined) throw hidden();
    return view;
  }

  private async views(tx: Tx, rows: readonly DatasetVersionRow[]): Promise<DatasetVersion[]> {
    const ids = rows.map(({ id }) => id);
    const trained = await this.rows.trained(tx, ids);
    const kept = { held: await this.retained.heldDatasets(tx, ids), purged: await this.retained.purgedDatasets(tx, ids) };
    return rows.map((row) => {
      const refs = trained.filter((use) => use.dataset_version_id === row.id).map(({ ref }) => ref);
      return datasetVersionOf(row, refs, kept);
    });
  }

  private async load(tx: Tx, { namespace, slug, number }: DatasetPlace): Promise<DatasetVersionRow> {
    const row = await this.rows.findVersion(tx, namespace, slug, number);
    if (row === null) throw hidden();
    return row;
  }
}
