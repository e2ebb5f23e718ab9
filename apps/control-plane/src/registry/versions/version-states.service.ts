import { Injectable } from "@nestjs/common";
import type { Page, StateAt, StatesQuery, VersionState } from "@ziggurat/contracts";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden } from "../../platform/errors/refusal.js";
import { boundTo, Cursors } from "../../platform/http/cursor.js";
import { VersionsRepository } from "./versions.repository.js";
import type { VersionPlace } from "./versions.service.js";

interface StateRow {
  readonly state: VersionState;
  readonly at: Date;
  /** `at` to the microsecond, as the key of the next page. */
  readonly key: string;
  readonly by: string;
  readonly reason: string;
}

/** The states a version was in, as the database noted them whoever moved it. */
@Injectable()
export class VersionStates {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly cursors: Cursors,
  ) {}

  /** Newest first; with `at` the one state it was in then, or none when it was not sealed yet. */
  list(viewer: Viewer, place: VersionPlace, { at, limit, cursor }: StatesQuery): Promise<Page<StateAt>> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const version = await this.versions.find(tx, place.namespace, place.slug, place.number);
      if (version === null) throw hidden();
      const binding = boundTo(viewer, `states of ${version.id}?${at ?? ""}`);
      const before = this.cursors.decode(cursor, binding)?.[0];
      const rows = await tx.query<StateRow>(
        `select state, at, at::text as key, by, reason from version_states
         where version_id = $1 and ($2::timestamptz is null or at <= $2) and ($3::timestamptz is null or at < $3) order by at desc limit $4`,
        [version.id, at ?? null, before ?? null, at === undefined ? limit + 1 : 1],
      );
      const page = this.cursors.page(rows, limit, binding, ({ key }) => [key]);
      return { ...page, data: page.data.map((row) => ({ state: row.state, at: row.at.toISOString(), by: row.by, reason: row.reason })) };
    });
  }
}
