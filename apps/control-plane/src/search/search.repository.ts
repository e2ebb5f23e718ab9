import { Injectable } from "@nestjs/common";
import type { ParsedSearch, SearchKind, Tier, VersionState } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type Add, conditionsOf } from "./search-conditions.js";
import { SOURCES } from "./search-sources.js";

/** Values of the sort columns of the last result answered: rank, standing, key, number. */
export type SearchPlace = readonly (string | number)[];

export interface FoundRow {
  readonly rank: number;
  /** 0 for what is released, 1 for the rest. */
  readonly standing: number;
  readonly key: string;
  /** Of a version: its number, negative, so that the newest comes first. */
  readonly number: number;
  readonly title: string;
  readonly owner: string;
  readonly tier: Tier | null;
  readonly state: VersionState | null;
  /** Texts in which the words may stand. */
  readonly fields: Readonly<Record<string, unknown>>;
}
export interface Found {
  /** At most one more than is ever counted. */
  readonly total: number;
  readonly rows: readonly FoundRow[];
}
type Row = { readonly total: number } & (FoundRow | { readonly key: null });

/** What the viewer may see, found and counted by one statement per kind, under the policies of the very tables that hold it. */
@Injectable()
export class SearchRepository {
  /** One page behind a place; with a limit of 0 the count alone. */
  async find(tx: Tx, kind: SearchKind, query: ParsedSearch, after: SearchPlace | null, limit: number): Promise<Found> {
    const values: unknown[] = [];
    const add: Add = (value) => `$${values.push(value)}`;
    const asked = conditionsOf(query.terms, add);
    const source = SOURCES[kind](query, asked, add);
    if (source === null) return { total: 0, rows: [] };
    const tables = [...(asked.asksVersions ? asked.tables : []), `found as materialized (${source.found})`];
    if (limit === 0) {
      const [row] = await tx.query<{ total: number }>(`with ${tables.join(", ")} select count(*)::int as total from found`, values);
      return { total: row?.total ?? 0, rows: [] };
    }
    const beyond = after === null ? "" : `where (rank, standing, key, number) > (${after.map(add).join(", ")})`;
    const rows = await tx.query<Row>(
      `with ${tables.join(", ")},
       ranked as (select *, case when state = 'released' then 0 else 1 end as standing from found)
       select (select count(*)::int from found) as total, p.*, case when p.id is not null then ${source.fields} end as fields
       from (select 1) one
         left join lateral (select * from ranked ${beyond} order by rank, standing, key, number limit ${add(limit)}) p on true
       order by p.rank, p.standing, p.key, p.number`,
      values,
    );
    return { total: rows[0]?.total ?? 0, rows: rows.filter((row): row is Row & FoundRow => row.key !== null) };
  }
}
