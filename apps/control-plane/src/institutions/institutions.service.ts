import { Injectable } from "@nestjs/common";
import { type CreateInstitution, type Institution, type Page, type PageQuery, RESERVED_SLUGS } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { InstitutionsRepository } from "./institutions.repository.js";

@Injectable()
export class InstitutionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly institutions: InstitutionsRepository,
    private readonly cursors: Cursors,
  ) {}

  async create(viewer: Viewer, request: CreateInstitution): Promise<Institution> {
    if (!hasRole(viewer, "platform_admin")) throw new Refusal("denied", "Institutions are opened by platform administrators.");
    if (RESERVED_SLUGS.some((slug) => slug === request.slug)) {
      throw new Refusal("rule", `${request.slug} is reserved.`, [
        { code: "reserved_slug", detail: `${request.slug} is reserved`, pointer: "/slug" },
      ]);
    }
    return this.unitOfWork.run(viewer, async (tx) => {
      if ((await this.institutions.find(tx, request.slug)) !== null) throw taken(request.slug);
      const id = newId("institution");
      await this.institutions.insert(tx, { id, slug: request.slug, name: request.name, region: request.region ?? null });
      const made = await this.institutions.find(tx, request.slug);
      if (made === null) throw new Error("the new institution was not found");
      await tx.audit({ institutionId: id, action: "institution.create", object: request.slug, after: made });
      return made;
    });
  }

  async list(viewer: Viewer, { limit, cursor, include }: PageQuery): Promise<Page<Institution>> {
    const binding = boundTo(viewer, "institutions");
    const after = this.cursors.decode(cursor, binding)?.[0] ?? "";
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.institutions.list(tx, limit + 1, String(after));
      const total = include === "total" ? { total: await this.institutions.count(tx) } : {};
      return { ...this.cursors.page(rows, limit, binding, ({ slug }) => [slug]), ...total };
    });
  }

  async get(viewer: Viewer, slug: string): Promise<Institution> {
    const found = await this.unitOfWork.run(viewer, (tx) => this.institutions.find(tx, slug));
    if (found === null) throw hidden();
    return found;
  }
}

function taken(slug: string): Refusal {
  return new Refusal("conflict", `There is an institution ${slug} already.`, [
    { code: "duplicate", detail: `${slug} is taken`, pointer: "/slug" },
  ]);
}
