import { Injectable } from "@nestjs/common";
import { type LineageFilter, type Pyramid, TIERS, type Tier, type VersionState } from "@ziggurat/contracts";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { lineConditions, Parameters, stateAt, versionConditions } from "./lineage-filter.js";

/** Versions in one answer at most: what a browser draws at once. */
export const MOST_VERSIONS = 25_000;

interface Row {
  readonly id: string;
  readonly ref: string;
  readonly tier: Tier;
  readonly institution_id: string;
  readonly state: VersionState;
  readonly parent_id: string | null;
}

interface Owner {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** Every version the viewer may see and the filter keeps, in columns. Where there are too many, the shared tiers come first and then the newest. */
@Injectable()
export class PyramidOverview {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  get(viewer: Viewer, filter: LineageFilter = {}): Promise<Pyramid> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const counting = new Parameters();
      const kept = lineConditions(filter, counting, "v") + versionConditions(filter, counting, "v");
      const totals = await tx.query<{ tier: Tier; total: number }>(
        `select tier, count(*)::int as total from versions v where true${kept} group by tier`,
        counting.values,
      );
      const picking = new Parameters(MOST_VERSIONS);
      const conditions = lineConditions(filter, picking, "v") + versionConditions(filter, picking, "v");
      const state = filter.at === undefined ? "v.state" : stateAt("v", picking.add(filter.at));
      const newest = (tier: Tier): string =>
        `(select id, model_id, institution_id, number, tier, ${state} as state from versions v where tier = '${tier}'${conditions} order by id desc limit $1)`;
      const rows = await tx.query<Row>(
        `with picked as materialized (${TIERS.map(newest).join(" union all ")} limit $1)
         select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.tier, v.institution_id, v.state,
           (select e.parent_id from edges e where e.child_id = v.id order by e.created_at, e.parent_id limit 1) as parent_id
         from picked v join models m on m.id = v.model_id
         order by array_position('{${TIERS.join(",")}}', v.tier), v.id desc`,
        picking.values,
      );
      const owners = await tx.query<Owner>("select id, slug, name from institutions where id = any($1)", [
        [...new Set(rows.map((row) => row.institution_id))],
      ]);
      return columns(rows, owners, new Map(totals.map(({ tier, total }) => [tier, total])));
    });
  }
}

function columns(rows: readonly Row[], owners: readonly Owner[], totals: ReadonlyMap<Tier, number>): Pyramid {
  const institutions = owners.filter(({ id }) => id !== PLATFORM_ID).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const ownerIndex = new Map(institutions.map(({ id }, index) => [id, index]));
  const rowIndex = new Map(rows.map(({ id }, index) => [id, index]));
  const total = (tier: Tier) => totals.get(tier) ?? 0;
  return {
    totals: { foundation: total("foundation"), finance: total("finance"), institution: total("institution") },
    truncated: rows.length < TIERS.reduce((sum, tier) => sum + total(tier), 0),
    institutions: institutions.map(({ slug, name }) => ({ slug, name })),
    ref: rows.map(({ ref }) => ref),
    tier: rows.map(({ tier }) => TIERS.indexOf(tier)),
    institution: rows.map((row) => ownerIndex.get(row.institution_id) ?? -1),
    state: rows.map(({ state }) => state),
    parent: rows.map(({ parent_id }) => (parent_id === null ? -1 : (rowIndex.get(parent_id) ?? -1))),
  };
}
