import { Injectable } from "@nestjs/common";
import { type Pyramid, TIERS, type Tier, type VersionState } from "@ziggurat/contracts";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";

/** Versions in one answer at most: what a browser draws at once. */
export const MOST_VERSIONS = 25_000;

interface Row {
  readonly id: string;
  readonly ref: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly owner_name: string;
  readonly state: VersionState;
  readonly parent_id: string | null;
}

/** Every version the viewer may see, in columns. Where there are too many, the shared tiers come first and then the newest. */
@Injectable()
export class PyramidOverview {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  get(viewer: Viewer): Promise<Pyramid> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const totals = await tx.query<{ tier: Tier; total: number }>("select tier, count(*)::int as total from versions group by tier");
      const rows = await tx.query<Row>(
        `select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.tier, i.slug as owner, i.name as owner_name, v.state,
           (select e.parent_id from edges e where e.child_id = v.id order by e.created_at, e.parent_id limit 1) as parent_id
         from (select * from versions order by array_position($1::text[], tier), id desc limit $2) v
           join models m on m.id = v.model_id join institutions i on i.id = v.institution_id
         order by array_position($1::text[], v.tier), v.id desc`,
        [TIERS, MOST_VERSIONS],
      );
      return columns(rows, new Map(totals.map(({ tier, total }) => [tier, total])));
    });
  }
}

function columns(rows: readonly Row[], totals: ReadonlyMap<Tier, number>): Pyramid {
  const names = new Map(rows.filter(({ owner }) => owner !== PLATFORM_SLUG).map((row) => [row.owner, row.owner_name]));
  const slugs = [...names.keys()].sort();
  const slugIndex = new Map(slugs.map((slug, index) => [slug, index]));
  const rowIndex = new Map(rows.map(({ id }, index) => [id, index]));
  const total = (tier: Tier) => totals.get(tier) ?? 0;
  return {
    totals: { foundation: total("foundation"), finance: total("finance"), institution: total("institution") },
    truncated: rows.length < TIERS.reduce((sum, tier) => sum + total(tier), 0),
    institutions: slugs.map((slug) => ({ slug, name: names.get(slug) ?? slug })),
    ref: rows.map(({ ref }) => ref),
    tier: rows.map(({ tier }) => TIERS.indexOf(tier)),
    institution: rows.map(({ owner }) => slugIndex.get(owner) ?? -1),
    state: rows.map(({ state }) => state),
    parent: rows.map(({ parent_id }) => (parent_id === null ? -1 : (rowIndex.get(parent_id) ?? -1))),
  };
}
