import { Inject, Injectable } from "@nestjs/common";
import { type Evaluation, EvaluationItem, type ListEvaluations, type Page } from "@ziggurat/contracts";
import { noteRead } from "../platform/database/note-read.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { BLOB_STORE, type BlobStore } from "../registry/blobs/blob-store.js";
import { EvaluationsRepository, evaluationOf } from "./evaluations.repository.js";
import { linesOf } from "./lines-of.js";

/** Reads scores and the items behind them. */
@Injectable()
export class EvaluationsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly evaluations: EvaluationsRepository,
    private readonly cursors: Cursors,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  async list(viewer: Viewer, query: ListEvaluations): Promise<Page<Evaluation>> {
    const { limit, cursor, include, ...filter } = query;
    const binding = boundTo(viewer, `evaluations?${new URLSearchParams(Object.entries(filter)).toString()}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.evaluations.list(tx, query, before === undefined ? null : String(before));
      const { data, nextCursor } = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      const total = include === "total" ? { total: await this.evaluations.count(tx, query) } : {};
      return { data: data.map(evaluationOf), nextCursor, ...total };
    });
  }

  /** @throws Refusal `hidden` */
  async get(viewer: Viewer, id: string): Promise<Evaluation> {
    const row = await this.unitOfWork.run(viewer, (tx) => this.evaluations.find(tx, id));
    if (row === null) throw hidden();
    return evaluationOf(row);
  }

  /** Items hold the rows' texts, so they are for the owner's own people. @throws Refusal `hidden` */
  async items(viewer: Viewer, id: string, limit: number, cursor: string | undefined): Promise<Page<EvaluationItem>> {
    const row = await this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.evaluations.find(tx, id);
      if (found === null || found.institution_id !== viewer.institutionId) throw hidden();
      await noteRead(tx, "evaluation.read_items", id);
      return found;
    });
    const binding = boundTo(viewer, `evaluation-items?${id}`);
    const from = Number(this.cursors.decode(cursor, binding)?.[0] ?? 0);
    const items: EvaluationItem[] = [];
    const source = this.store.read(row.items_sha256);
    let line = 0;
    for await (const text of linesOf(source)) {
      if (text === "") continue;
      if (line >= from) items.push(EvaluationItem.parse(JSON.parse(text)));
      line += 1;
      if (items.length > limit) break;
    }
    source.destroy();
    return this.cursors.page(items, limit, binding, ({ index }) => [index + 1]);
  }
}
