import type { Relation } from "@ziggurat/contracts";
import type { ParentPlace as PlaceOfParent } from "@ziggurat/lineage";

export interface NewEdge {
  readonly parentId: string;
  readonly relation: Relation;
  /** The parent's root digest: renaming moves no edge, and a changed byte breaks it. */
  readonly parentDigest: string | null;
}

/** Where a parent stands, as the database holds it. */
export interface ParentPlace {
  readonly line_id: string;
  readonly line_seq: number;
  readonly model_id: string;
  readonly tip_seq: number;
}

/** Places of the parents side by side, as the statements take them, and as the placement rule does. */
export function placesOf(parents: readonly ParentPlace[]) {
  return {
    lines: parents.map((p) => p.line_id),
    seqs: parents.map((p) => p.line_seq),
    of: (modelId: string): PlaceOfParent[] =>
      parents.map((p) => ({ line: p.line_id, seq: p.line_seq, tip: p.tip_seq, sameModel: p.model_id === modelId })),
  };
}

/**
 * What the closure gains at the place that `line` holds: `closureGain` of the lineage package in one statement. For each line above
 * the farthest place, unless an earlier place of this line says so already. $2 is the owner, $3 and $4 the places of the parents.
 */
export const CLOSURE_GROWTH = `
  parents as (select * from unnest($3::bigint[], $4::int[]) as p (line_id, seq)),
  grown as (
    insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id)
    select line.id, above.anc_line, max(above.anc_seq), line.tip_seq, $2 from line, (
      select line_id as anc_line, seq as anc_seq from parents
      union all select c.anc_line, c.anc_seq from parents p join line_closure c on c.line_id = p.line_id and c.min_seq <= p.seq) above
    where above.anc_line <> line.id and not exists (select 1 from line_closure c
      where c.line_id = line.id and c.anc_line = above.anc_line and c.anc_seq >= above.anc_seq and c.min_seq <= line.tip_seq)
    group by line.id, above.anc_line, line.tip_seq)`;
