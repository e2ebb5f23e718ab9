import type { z } from "zod";
import type { Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { databaseCode } from "../platform/errors/problem-of.js";
import { hidden } from "../platform/errors/refusal.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { patched } from "./apply-patch.js";
import type { ResourceType } from "./attributes.js";
import type { Names } from "./filter-condition.js";
import type { GroupRoles } from "./group-roles.service.js";
import { parseFilter } from "./parse-filter.js";
import { type Json, readResource } from "./read-resource.js";
import { refuseStale } from "./resource-view.js";
import type { Found, ListedBy, ListQuery, ResourceQuery } from "./scim-query.js";

/** What all kinds of resources have: found, listed, written one at a time in each institution, and answered in the protocol's form. */
export abstract class ScimResources<Row> {
  abstract readonly type: ResourceType;
  /** Attributes in SQL. */
  abstract readonly names: Names;
  protected abstract readonly id: z.ZodType<string>;
  /** What is said where another resource has the name that must be its alone. */
  protected abstract readonly taken: string;
  protected abstract readonly unitOfWork: UnitOfWork;
  protected abstract readonly groupRoles: GroupRoles;

  protected abstract find(tx: Tx, id: string, query: Partial<ResourceQuery>): Promise<Row | null>;
  protected abstract rows(tx: Tx, by: ListedBy, query: ResourceQuery): Promise<{ readonly total: number; readonly rows: readonly Row[] }>;
  protected abstract view(row: Row): Json;
  /** What a client may write of it, as it is. */
  protected abstract written(row: Row): Json;
  protected abstract make(tx: Tx, sent: Json): Promise<string>;
  protected abstract rewrite(tx: Tx, row: Row, sent: Json): Promise<void>;
  protected abstract end(tx: Tx, row: Row): Promise<void>;

  /** @param elsewhere names of other kinds that are searched with this one */
  async list(viewer: Viewer, query: ListQuery, elsewhere?: Names): Promise<Found> {
    const by: ListedBy = {
      names: elsewhere === undefined ? this.names : { ...this.names, elsewhere },
      filter: query.filter === undefined ? null : parseFilter(query.filter),
      sortBy: query.sortBy ?? null,
      isDescending: query.sortOrder?.toLowerCase() === "descending",
      offset: query.startIndex - 1,
      limit: query.count,
    };
    const { total, rows } = await this.unitOfWork.run(viewer, (tx) => this.rows(tx, by, query));
    return { total, resources: rows.map((row) => this.view(row)) };
  }

  async get(viewer: Viewer, id: string, query: ResourceQuery): Promise<Json> {
    return this.view(await this.unitOfWork.run(viewer, (tx) => this.row(tx, id, query)));
  }

  create(viewer: Viewer, body: unknown): Promise<Json> {
    const sent = readResource(this.type, body);
    return this.writing(viewer, async (tx) => this.view(await this.row(tx, await this.make(tx, sent))));
  }

  replace(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, () => readResource(this.type, body));
  }

  patch(viewer: Viewer, id: string, body: unknown, ifMatch: string | undefined): Promise<Json> {
    return this.change(viewer, id, ifMatch, (row) => patched(this.type, this.written(row), body));
  }

  delete(viewer: Viewer, id: string, ifMatch: string | undefined): Promise<void> {
    return this.writing(viewer, async (tx) => {
      const row = await this.row(tx, id);
      refuseStale(ifMatch, this.view(row));
      await this.end(tx, row);
    });
  }

  private change(viewer: Viewer, id: string, ifMatch: string | undefined, read: (row: Row) => Json): Promise<Json> {
    return this.writing(viewer, async (tx) => {
      const row = await this.row(tx, id);
      refuseStale(ifMatch, this.view(row));
      await this.rewrite(tx, row, read(row));
      return this.view(await this.row(tx, id));
    });
  }

  private async writing<T>(viewer: Viewer, write: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await this.unitOfWork.run(viewer, (tx) => this.groupRoles.changing(tx, () => write(tx)));
    } catch (error) {
      // Somebody came in under the name by another way just now.
      throw databaseCode(error) === "23505" ? this.refuseTaken() : error;
    }
  }

  /** Said of one's own institution alone: what another has is never looked at. */
  protected refuseTaken(): ScimRefusal {
    return new ScimRefusal("conflict", "uniqueness", this.taken);
  }

  private async row(tx: Tx, id: string, query: Partial<ResourceQuery> = {}): Promise<Row> {
    const row = this.id.safeParse(id).success ? await this.find(tx, id, query) : null;
    if (row === null) throw hidden();
    return row;
  }
}
