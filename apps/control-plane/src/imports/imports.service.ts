import { Inject, Injectable } from "@nestjs/common";
import {
  type CreateImport,
  type Import,
  type ImportAction,
  ImportFailure,
  ImportId,
  type ListImports,
  type Page,
} from "@ziggurat/contracts";
import { whyNot, whyNotImport } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { ModelsRepository } from "../registry/models/models.repository.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../registry/pyramid.js";
import { Drafts } from "../registry/versions/drafts.service.js";
import { type ImportRow, importOf } from "./import-row.js";
import { ImportsRepository } from "./imports.repository.js";
import { Sources } from "./sources/sources.js";

/** What people ask about imports: begin, look, cancel, retry. The work itself is done in the worker role. */
@Injectable()
export class Imports {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: ImportsRepository,
    private readonly models: ModelsRepository,
    private readonly drafts: Drafts,
    private readonly sources: Sources,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** @throws Refusal `rule` with every violation at once, `denied` when the viewer may not draft versions of this model */
  async request(viewer: Viewer, request: CreateImport): Promise<Import> {
    const [namespace = "", slug = ""] = request.model.split("/");
    return this.unitOfWork.run(viewer, async (tx) => {
      const model = await this.models.find(tx, namespace, slug);
      if (model === null) {
        const detail = `there is no model ${request.model} that you can see`;
        throw new Refusal("rule", detail, [{ code: "model_unknown", detail, pointer: "/model" }]);
      }
      const objections = await this.drafts.objections(tx, model, request);
      refuseIfAny([...objections, ...this.sources.objections(request.source, model.owner)]);
      const id = await this.imports.insert(tx, model, request);
      await tx.audit({ institutionId: model.institution_id, action: "import.request", object: id, after: request });
      await tx.enqueue("import.advance", { importId: ImportId.parse(id) });
      return this.view(tx, await this.imports.find(tx, id));
    });
  }

  async list(viewer: Viewer, query: ListImports): Promise<Page<Import>> {
    const binding = boundTo(viewer, `imports?${JSON.stringify([query["filter[state]"], query["filter[model]"]])}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.imports.list(tx, query, before === undefined ? null : String(before));
      const page = this.cursors.page(rows, query.limit, binding, ({ id }) => [id]);
      const total = query.include === "total" ? { total: await this.imports.count(tx, query) } : {};
      return { data: page.data.map((row) => this.view(tx, row)), nextCursor: page.nextCursor, ...total };
    });
  }

  /** @throws Refusal `hidden` */
  get(viewer: Viewer, id: string): Promise<Import> {
    return this.unitOfWork.run(viewer, async (tx) => this.view(tx, await this.imports.find(tx, id)));
  }

  /** @throws Refusal `hidden`, `denied`, or `conflict` when the present state does not allow it */
  async act(viewer: Viewer, id: string, action: ImportAction, reason: string): Promise<Import> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.imports.lock(tx, id);
      if (row === null) throw hidden();
      const denied = this.whyDenied(tx, row);
      if (denied !== null) throw new Refusal("denied", denied, [{ code: "role", detail: denied }]);
      const closed = whyNotImport(action, row.state);
      if (closed !== null) throw new Refusal("conflict", closed, [{ code: `cannot_${action}`, detail: closed }]);
      if (action === "cancel") await this.imports.move(tx, row, "cancelled", { action, reason: reason || `cancelled by ${viewer.name}` });
      else await this.retry(tx, row, reason || `retried by ${viewer.name}`);
      await tx.enqueue("import.advance", { importId: ImportId.parse(id) });
      return this.view(tx, await this.imports.find(tx, id));
    });
  }

  /** Goes on with what is here. A source that changed is read anew; a hub's commit stays the one it was. */
  private async retry(tx: Tx, row: ImportRow, reason: string): Promise<void> {
    const failure = row.failure === null ? null : ImportFailure.parse(row.failure);
    const isListed = row.revision !== null && failure?.code !== "changed";
    await tx.query("update imports set mishaps = 0, due_at = now() where id = $1", [row.id]);
    await this.imports.move(tx, row, isListed ? "transferring" : "resolving", { action: "retry", reason });
  }

  private view(tx: Tx, row: ImportRow | null): Import {
    if (row === null) throw hidden();
    return importOf(row, this.whyDenied(tx, row));
  }

  private whyDenied(tx: Tx, row: ImportRow): string | null {
    return whyNot(this.pyramid[row.tier], viewerFacts(tx.viewer), row.owner, "contribute");
  }
}
