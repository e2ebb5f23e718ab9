import { Injectable } from "@nestjs/common";
import type { LineageFilter, LineageGroupsQuery, Tier } from "@ziggurat/contracts";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { BELOW, type Place } from "./lineage.repository.js";
import { asksEachVersion, lineConditions, Parameters, stateAt, versionConditions } from "./lineage-filter.js";

export interface GroupRow {
  readonly key: string;
  readonly name: string;
  readonly tier: Tier | null;
  readonly versions: number;
  /** Some of it is another institution's, and too little to be told. */
  readonly withheld: boolean;
  readonly place: GroupPlace;
}
/** Where a group stands in the list: by rank, which is 0 for what is withheld, then by key and tier. */
export interface GroupPlace {
  readonly rank: number;
  readonly key: string;
  readonly tier: string;
}
/** Groups of one answer, and what there is in all. */
export interface Groups {
  readonly rows: readonly GroupRow[];
  readonly groups: number;
  readonly versions: number;
  /** Versions of all withheld groups together. */
  readonly withheld: number;
}
export interface GroupsPage {
  readonly limit: number;
  readonly minimum: number;
  readonly after: GroupPlace | null;
}
type By = LineageGroupsQuery["by"];
interface CountedRow {
  readonly key: string;
  readonly name: string;
  readonly tier: Tier | null;
  readonly rank: string;
  readonly place_key: string;
  readonly versions: string;
  readonly withheld: boolean;
  readonly groups: number;
  readonly total: string;
  readonly total_withheld: string;
}

const KEY: Record<Exclude<By, "state">, string> = { tier: "tier", owner: "institution_id", model: "model_id" };
const NAMED: Record<By, { readonly key: string; readonly name: string; readonly join: string }> = {
  tier: { key: "g.key", name: "g.key", join: "" },
  state: { key: "g.key", name: "g.key", join: "" },
  owner: { key: "i.slug", name: "i.name", join: "join institutions i on i.id = g.key" },
  model: { key: "m.namespace || '/' || m.slug", name: "m.name", join: "join models m on m.id = g.key" },
};

/** Lines reached, from where on. */
const hits = (conditions: string): string => `
  hit as (
    select l.id, l.institution_id, l.model_id, l.tier, below.k, l.tip_seq - below.k + 1 as versions
    from below join lines l on l.id = below.line_id where l.tip_seq >= below.k${conditions})`;

/**
 * Lines reached, each with how many of its versions count. Lines hold sealed versions only, so who sees a whole line counts it by
 * its tip. Institutions see of the shared tiers what was released, and so count those lines version by version.
 */
const counted = ({ viewer }: Tx): string =>
  viewer.reach !== "tenant"
    ? "counted as (select institution_id, model_id, tier, versions from hit)"
    : `own as materialized (select * from hit),
       counted as (
         select institution_id, model_id, tier, versions from own where institution_id = (select app_institution())
         union all
         select o.institution_id, o.model_id, o.tier, count(*)::int from own o join versions v on v.line_id = o.id and v.line_seq >= o.k
           where o.institution_id <> (select app_institution()) group by o.id, o.institution_id, o.model_id, o.tier)`;

/** How many versions of a group are other institutions'. By owner that is all or none, and need not be asked line by line. */
const others = (by: By): string => {
  const isOther = "institution_id <> all (array[$3, $4])";
  return by === "owner" ? `case when ${isOther} then sum(versions) else 0 end` : `coalesce(sum(versions) filter (where ${isOther}), 0)`;
};

/** How far a version reaches, in numbers: read from the line closure, never walked. */
@Injectable()
export class ReachRepository {
  /** Descendants the viewer may see, at an instant, and the institutions among their owners. */
  async count(tx: Tx, place: Place, at?: string): Promise<{ readonly descendants: number; readonly institutions: number }> {
    if (at !== undefined) return this.countAt(tx, place, at);
    const [row] = await tx.query<{ descendants: string; institutions: number }>(
      `with ${BELOW}, ${hits("")}, ${counted(tx)}
       select coalesce(sum(versions), 0) as descendants, (count(*) filter (where institution_id <> $3))::int as institutions
       from (select institution_id, sum(versions) as versions from counted group by institution_id) owners`,
      [place.line, place.seq, PLATFORM_ID],
    );
    return { descendants: Number(row?.descendants ?? 0), institutions: row?.institutions ?? 0 };
  }

  private async countAt(tx: Tx, place: Place, at: string) {
    const parameters = new Parameters(place.line, place.seq, PLATFORM_ID);
    const [row] = await tx.query<{ descendants: string; institutions: number }>(
      `with ${BELOW}, ${hits("")}
       select count(*) as descendants, count(distinct v.institution_id) filter (where v.institution_id <> $3)::int as institutions
       from hit join versions v on v.line_id = hit.id and v.line_seq >= hit.k
       where v.sealed_at <= ${parameters.add(at)}::timestamptz and (hit.institution_id = (select app_institution()) or (select app_reach() <> 'tenant') or ${stateAt("v", "$4")} is not null)`,
      parameters.values,
    );
    return { descendants: Number(row?.descendants ?? 0), institutions: row?.institutions ?? 0 };
  }

  /**
   * Descendants in groups, largest first, from after a place on. A group that holds fewer than `minimum` versions of other institutions is withheld; such
   * groups come last and in an order of their own, so that neither number nor rank tells how large they are.
   */
  async groups(tx: Tx, place: Place, by: By, filter: LineageFilter, page: GroupsPage): Promise<Groups> {
    const { limit, minimum, after } = page;
    const parameters = new Parameters(place.line, place.seq, tx.viewer.institutionId, PLATFORM_ID, minimum, limit);
    const goesOn =
      after === null
        ? "true"
        : `(-rank, key, tier_key) > (-${parameters.add(after.rank)}::numeric, ${parameters.add(after.key)}::text, ${parameters.add(after.tier)}::text)`;
    const lines = lineConditions(filter, parameters, "l");
    const { key, name, join } = NAMED[by];
    const group = by === "state" ? "state" : KEY[by];
    const tier = by === "state" ? "null::text" : "tier";
    const rows = await tx.query<CountedRow>(
      `with ${BELOW}, ${hits(lines)}, ${this.counted(tx, by, filter, parameters)},
       grouped as (select ${group} as key, ${tier} as tier, sum(versions) as versions, ${others(by)} as others from counted group by 1, 2),
       judged as (select key, tier, coalesce(tier, '') as tier_key, versions, others > 0 and others < $5 as withheld from grouped),
       ranked as (
         select j.*, case when withheld then 0 else versions end as rank, (count(*) over ())::int as groups, sum(versions) over () as total,
           coalesce(sum(versions) filter (where withheld) over (), 0) as total_withheld
         from judged j),
       page as (select * from ranked where ${goesOn} order by -rank, key, tier_key limit $6)
       select ${key} as key, ${name} as name, g.tier, g.key as place_key, g.rank, g.versions, g.withheld, g.groups, g.total, g.total_withheld
       from page g ${join} order by -g.rank, g.key, g.tier_key`,
      parameters.values,
    );
    const [first] = rows;
    return {
      rows: rows.map((row) => ({
        key: row.key,
        name: row.name,
        tier: row.tier,
        versions: Number(row.versions),
        withheld: row.withheld,
        place: { rank: Number(row.rank), key: row.place_key, tier: row.tier ?? "" },
      })),
      groups: first?.groups ?? 0,
      versions: Number(first?.total ?? 0),
      withheld: Number(first?.total_withheld ?? 0),
    };
  }

  /** Line by line where lines suffice; version by version where states or instants are asked about. */
  private counted(tx: Tx, by: By, filter: LineageFilter, parameters: Parameters): string {
    if (by !== "state" && !asksEachVersion(filter)) return counted(tx);
    const state = filter.at === undefined ? "v.state" : stateAt("v", parameters.add(filter.at));
    return `counted as (
      select v.institution_id, v.model_id, v.tier, 1 as versions${by === "state" ? `, ${state} as state` : ""}
      from hit join versions v on v.line_id = hit.id and v.line_seq >= hit.k where true${versionConditions(filter, parameters, "v")})`;
  }
}
