import { Inject, Injectable } from "@nestjs/common";
import {
  Card,
  type CreateModel,
  idOf,
  type ListModels,
  type Model,
  type Page,
  type PatchModel,
  type Tier,
  type Violation,
} from "@ziggurat/contracts";
import { checkRegister, whyNot } from "@ziggurat/pyramid";
import type { AuditRecord } from "../../platform/database/audit-record.js";
import { PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { boundTo, Cursors } from "../../platform/http/cursor.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { type ModelRow, modelOf } from "./model-row.js";
import { ModelsRepository, ownerOf } from "./models.repository.js";

const ModelId = idOf("model");

/** Models of all tiers: register, find, change what people write about them. */
@Injectable()
export class Models {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: ModelsRepository,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  async register(viewer: Viewer, request: CreateModel): Promise<Model> {
    const denied = this.denials(viewer, request.tier);
    refuseIfAny(denied, "denied");
    refuseIfAny(this.objections(viewer, request));

    return this.unitOfWork.run(viewer, async (tx) => {
      const institutionId = ownerOf(request.tier, viewer.institutionId);
      if ((await this.models.insert(tx, request, institutionId)) === null) refuseIfAny([nameTaken(request)], "conflict");
      await tx.audit(registered(request, institutionId));
      return this.view(await this.load(tx, request.namespace, request.slug));
    });
  }

  /** Why this viewer may not register models of this tier; nothing when it may. */
  denials(viewer: Viewer, tier: Tier): Violation[] {
    const denied = whyNot(this.pyramid[tier], viewerFacts(viewer), this.ownerSlug(viewer, tier), "register");
    return denied === null ? [] : [{ code: "role", detail: denied, pointer: "/tier" }];
  }

  /** Every rule that a new model would break. */
  objections(viewer: Viewer, request: CreateModel): Violation[] {
    return checkRegister(this.pyramid[request.tier], viewerFacts(viewer), request);
  }

  /** Who will own a model of this tier that this viewer registers. */
  ownerSlug(viewer: Viewer, tier: Tier): string {
    return this.pyramid[tier].namespace === null ? viewer.institutionSlug : PLATFORM_SLUG;
  }

  async list(viewer: Viewer, query: ListModels): Promise<Page<Model>> {
    const binding = boundTo(
      viewer,
      `models?${JSON.stringify([query["filter[tier]"], query["filter[namespace]"], query.q, query["filter[tag]"]])}`,
    );
    const [before] = this.cursors.decode(query.cursor, binding) ?? [];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.models.list(tx, query, before === undefined ? null : String(before));
      const page = rows.slice(0, query.limit);
      const last = page.at(-1);
      return {
        data: page.map((row) => this.view(row)),
        nextCursor: rows.length > query.limit && last !== undefined ? this.cursors.encode([last.id], binding) : null,
        ...(query.include === "total" ? { total: await this.models.count(tx, query) } : {}),
      };
    });
  }

  get(viewer: Viewer, namespace: string, slug: string): Promise<Model> {
    return this.unitOfWork.run(viewer, async (tx) => this.view(await this.load(tx, namespace, slug)));
  }

  /** @param expect holds the change to what its author saw, given the model as it is now */
  async patch(viewer: Viewer, namespace: string, slug: string, patch: PatchModel, expect: (current: Model) => void): Promise<Model> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.load(tx, namespace, slug);
      const denied = whyNot(this.pyramid[found.tier], viewerFacts(viewer), found.owner, "register");
      if (denied !== null) throw new Refusal("denied", denied, [{ code: "role", detail: denied }]);
      await this.models.lock(tx, found.id);
      const row = await this.load(tx, namespace, slug);
      const before = this.view(row);
      expect(before);
      const licence = patch.licence === undefined ? before.licence : patch.licence || null;
      await this.models.update(tx, row.id, {
        name: patch.name ?? before.name,
        card: Card.parse({ ...before.card, ...patch.card }),
        licence,
        tags: patch.tags ?? before.tags,
      });
      const after = this.view(await this.load(tx, namespace, slug));
      await tx.audit({ institutionId: row.institution_id, action: "model.change", object: before.ref, before, after });
      return after;
    });
  }

  /** @throws Refusal `hidden` */
  async idOf(tx: Tx, namespace: string, slug: string): Promise<string> {
    const id = await this.models.idOf(tx, namespace, slug);
    if (id === null) throw hidden();
    return id;
  }

  /** The row, inside a transaction of the caller's. @throws Refusal `hidden` */
  async load(tx: Tx, namespace: string, slug: string): Promise<ModelRow> {
    const row = await this.models.find(tx, namespace, slug);
    if (row === null) throw hidden();
    return row;
  }

  private view(row: ModelRow): Model {
    return modelOf(row, ModelId.parse(row.id), this.pyramid[row.tier]);
  }
}

/** The audit entry of a new model. */
export const registered = (request: CreateModel, institutionId: string): AuditRecord => ({
  institutionId,
  action: "model.register",
  object: `${request.namespace}/${request.slug}`,
  after: request,
});

export function nameTaken({ namespace, slug }: Pick<CreateModel, "namespace" | "slug">): Violation {
  return { code: "duplicate_name", detail: `${namespace}/${slug} is registered already`, pointer: "/slug" };
}
