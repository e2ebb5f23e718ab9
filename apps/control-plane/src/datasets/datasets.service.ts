import { Inject, Injectable } from "@nestjs/common";
import { type CreateDataset, type Dataset, type ListDatasets, type Page, type Tier } from "@ziggurat/contracts";
import { PLATFORM, whyNot } from "@ziggurat/pyramid";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { type DatasetRow, datasetOf } from "./dataset-row.js";
import { DatasetsRepository } from "./datasets.repository.js";

/** Datasets: what they are, whose, and under which terms. The rows belong to their versions. */
@Injectable()
export class Datasets {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly datasets: DatasetsRepository,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  create(viewer: Viewer, request: CreateDataset): Promise<Dataset> {
    const isShared = tierOf(request.namespace) !== "institution";
    this.refuseContribution(viewer, request.namespace, isShared ? PLATFORM : viewer.institutionSlug);
    if (!isShared && request.namespace !== viewer.institutionSlug) {
      const detail = `your datasets are registered under ${viewer.institutionSlug}`;
      throw new Refusal("rule", detail, [{ code: "namespace", detail, pointer: "/namespace" }]);
    }
    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = isShared ? PLATFORM_ID : viewer.institutionId;
      const ref = `${request.namespace}/${request.slug}`;
      if (!(await this.datasets.insert(tx, request, institutionId))) {
        const detail = `${ref} is registered already`;
        throw new Refusal("conflict", detail, [{ code: "duplicate_name", detail, pointer: "/slug" }]);
      }
      await tx.audit({ institutionId, action: "dataset.register", object: `datasets/${ref}`, after: request });
      return datasetOf(await this.load(tx, request.namespace, request.slug));
    });
  }

  list(viewer: Viewer, query: ListDatasets): Promise<Page<Dataset>> {
    const binding = boundTo(viewer, `datasets?${JSON.stringify([query["filter[namespace]"], query["filter[format]"], query.q])}`);
    const [before] = this.cursors.decode(query.cursor, binding) ?? [];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.datasets.list(tx, query, before === undefined ? null : String(before));
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        data: page.map(datasetOf),
        nextCursor: rows.length > query.limit && last !== undefined ? this.cursors.encode([last.id], binding) : null,
        ...(query.include === "total" ? { total: await this.datasets.count(tx, query) } : {}),
      };
    });
  }

  get(viewer: Viewer, namespace: string, slug: string): Promise<Dataset> {
    return this.unitOfWork.run(viewer, async (tx) => datasetOf(await this.load(tx, namespace, slug)));
  }

  /** @throws Refusal `hidden` */
  async load(tx: Tx, namespace: string, slug: string): Promise<DatasetRow> {
    const row = await this.datasets.find(tx, namespace, slug);
    if (row === null) throw hidden();
    return row;
  }

  /** @throws Refusal `denied` when the viewer may not add data to what `owner` owns */
  refuseContribution(viewer: Viewer, namespace: string, owner: string): void {
    const denied = whyNot(this.pyramid[tierOf(namespace)], viewerFacts(viewer), owner, "contribute");
    if (denied !== null) throw new Refusal("denied", denied, [{ code: "role", detail: denied }]);
  }
}

/** Tier whose models a namespace's data is for. */
function tierOf(namespace: string): Tier {
  return namespace === "foundation" || namespace === "finance" ? namespace : "institution";
}
