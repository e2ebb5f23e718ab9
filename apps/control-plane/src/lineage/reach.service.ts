import { Inject, Injectable } from "@nestjs/common";
import type { Impact, ImpactQuery, LineageFilter, LineageGroups, LineageGroupsQuery } from "@ziggurat/contracts";
import { CONFIG, type Config } from "../platform/config.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { LineageRepository, type NodeRow, placeOf } from "./lineage.repository.js";
import { filterKey } from "./lineage-filter.js";
import { type GroupPlace, type Groups, type GroupsPage, ReachRepository } from "./reach.repository.js";

export interface VersionPath {
  readonly namespace: string;
  readonly slug: string;
  readonly number: number;
}

const NOTHING: Groups = { rows: [], groups: 0, versions: 0, withheld: 0 };

/** How far a version reaches: in groups, and by institution. Small counts of other institutions are withheld. */
@Injectable()
export class ReachService {
  private readonly minimum: number;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly lineage: LineageRepository,
    private readonly reach: ReachRepository,
    private readonly cursors: Cursors,
    @Inject(CONFIG) config: Config,
  ) {
    this.minimum = config.rules.minCrossTenantCount;
  }

  groups(viewer: Viewer, path: VersionPath, { by, limit, cursor, ...filter }: LineageGroupsQuery): Promise<LineageGroups> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const focus = await this.focus(tx, path, filter.at);
      const binding = boundTo(viewer, `groups of ${focus.id} ${by} ${filterKey(filter)}`);
      const after = placeIn(this.cursors.decode(cursor, binding));
      const found = await this.of(tx, focus, by, filter, { limit: limit + 1, minimum: this.minimum, after });
      const page = this.cursors.page(found.rows, limit, binding, ({ place }) => [place.rank, place.key, place.tier]);
      return {
        focus: focus.ref,
        by,
        groups: page.data.map(({ key, name, tier, versions, withheld }) => ({
          key,
          name,
          tier,
          versions: withheld ? null : versions,
          withheld,
        })),
        total: { groups: found.groups, ...this.total(found) },
        minimum: this.minimum,
        nextCursor: page.nextCursor,
      };
    });
  }

  impact(viewer: Viewer, path: VersionPath, { limit, at }: ImpactQuery): Promise<Impact> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const focus = await this.focus(tx, path, at);
      const found = await this.of(tx, focus, "owner", { tier: ["institution"], at }, this.first(limit));
      const shared = await this.of(tx, focus, "tier", { tier: ["foundation", "finance"], at }, this.first(2));
      return {
        focus: focus.ref,
        shared: { versions: shared.versions },
        institutions: found.rows.map(({ key, name, versions, withheld }) => ({
          institution: key,
          name,
          versions: withheld ? null : versions,
          withheld,
        })),
        total: { institutions: found.groups, ...this.total(found) },
      };
    });
  }

  private async focus(tx: Tx, { namespace, slug, number }: VersionPath, at: string | undefined): Promise<NodeRow> {
    const focus = await this.lineage.find(tx, namespace, slug, number, { at });
    if (focus === null) throw hidden();
    return focus;
  }

  private async of(tx: Tx, focus: NodeRow, by: LineageGroupsQuery["by"], filter: LineageFilter, page: GroupsPage): Promise<Groups> {
    const place = placeOf(focus);
    return place === null || focus.state === null ? NOTHING : this.reach.groups(tx, place, by, filter, page);
  }

  private first(limit: number): GroupsPage {
    return { limit, minimum: this.minimum, after: null };
  }

  /** A sum would give a withheld part away by subtraction, unless those parts together are many enough. */
  private total({ versions, withheld }: Groups): { readonly versions: number | null; readonly withheld: boolean } {
    const tells = withheld > 0 && withheld < this.minimum;
    return { versions: tells ? null : versions, withheld: tells };
  }
}

function placeIn(cursor: readonly (string | number)[] | null): GroupPlace | null {
  const [rank, key, tier] = cursor ?? [];
  return cursor === null ? null : { rank: Number(rank), key: String(key), tier: String(tier) };
}
