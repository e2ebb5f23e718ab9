import { Injectable } from "@nestjs/common";
import type { Relation, Seal } from "@ziggurat/contracts";
import { placeOnLine } from "@ziggurat/lineage";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewEdge {
  readonly parentId: string;
  readonly relation: Relation;
  /** The parent's root digest: renaming moves no edge, and a changed byte breaks it. */
  readonly parentDigest: string | null;
}
export interface Child {
  readonly versionId: string;
  readonly modelId: string;
  readonly institutionId: string;
}
interface PlaceRow {
  readonly line_id: string;
  readonly line_seq: number;
  readonly model_id: string;
  readonly tip_seq: number;
}

/** Writes the graph: edges and data uses of a draft, and its place on a line when it is sealed. */
@Injectable()
export class Derivations {
  async addEdges(tx: Tx, child: Child, edges: readonly NewEdge[], seal: Seal, jobId: string | null): Promise<void> {
    if (edges.length === 0) return;
    await tx.query(
      `insert into edges (child_id, parent_id, relation, institution_id, seal, job_id, parent_digest)
       select $1, parent_id, relation, $2, $3, $4, digest from unnest($5::text[], $6::text[], $7::text[]) as e (parent_id, relation, digest)`,
      [
        child.versionId,
        child.institutionId,
        seal,
        jobId,
        edges.map(({ parentId }) => parentId),
        edges.map(({ relation }) => relation),
        edges.map(({ parentDigest }) => parentDigest),
      ],
    );
  }

  async addDatasetUses(tx: Tx, child: Child, datasetVersionIds: readonly string[], jobId: string): Promise<void> {
    if (datasetVersionIds.length === 0) return;
    await tx.query(
      `insert into dataset_uses (version_id, dataset_version_id, institution_id, job_id)
       select $1, id, $2, $3 from unnest($4::text[]) as d (id) on conflict do nothing`,
      [child.versionId, child.institutionId, jobId, datasetVersionIds],
    );
  }

  /**
   * Gives a version that is being sealed its place on a line, and the closure its rows. Two versions racing for the same tip
   * end on two lines: the tip moves by a conditional update, and who comes second forks.
   */
  async place(tx: Tx, child: Child): Promise<void> {
    const parents = await tx.query<PlaceRow>(
      `select distinct p.line_id, p.line_seq, p.model_id, l.tip_seq from edges e
         join versions p on p.id = e.parent_id join lines l on l.id = p.line_id where e.child_id = $1`,
      [child.versionId],
    );
    const placement = placeOnLine(
      parents.map((p) => ({ line: p.line_id, seq: p.line_seq, tip: p.tip_seq, sameModel: p.model_id === child.modelId })),
    );
    const above = { lines: parents.map((p) => p.line_id), seqs: parents.map((p) => p.line_seq) };
    const hasMoved = placement.kind === "append" && (await this.append(tx, child, placement, above));
    if (!hasMoved) await this.start(tx, child, above);
  }

  /** Takes the tip, unless somebody took it before. */
  private async append(tx: Tx, child: Child, place: { line: string; seq: number }, above: Above): Promise<boolean> {
    const moved = await tx.query(
      `with line as (update lines set tip_seq = $6 where id = $5 and tip_seq = $6 - 1 returning id, tip_seq), ${GROWN}
       update versions set line_id = line.id, line_seq = line.tip_seq from line where versions.id = $1 returning versions.id`,
      [child.versionId, child.institutionId, above.lines, above.seqs, place.line, place.seq],
    );
    return moved.length === 1;
  }

  private async start(tx: Tx, child: Child, above: Above): Promise<void> {
    const placed = await tx.query(
      `with line as (insert into lines (institution_id, model_id, tier, tip_seq) select $2, id, tier, 1 from models where id = $5 returning id, tip_seq), ${GROWN}
       update versions set line_id = line.id, line_seq = line.tip_seq from line where versions.id = $1 returning versions.id`,
      [child.versionId, child.institutionId, above.lines, above.seqs, child.modelId],
    );
    if (placed.length !== 1) throw new Error("A line was not made.");
  }
}

/** Places of the parents, side by side. */
interface Above {
  readonly lines: readonly string[];
  readonly seqs: readonly number[];
}

/**
 * What the closure gains at the place that `line` holds: `closureGain` of the lineage package in one statement. For each line above
 * the farthest place, unless an earlier place of this line says so already.
 */
const GROWN = `
  parents as (select * from unnest($3::bigint[], $4::int[]) as p (line_id, seq)),
  grown as (
    insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id)
    select line.id, above.anc_line, max(above.anc_seq), line.tip_seq, $2 from line, (
      select line_id as anc_line, seq as anc_seq from parents
      union all select c.anc_line, c.anc_seq from parents p join line_closure c on c.line_id = p.line_id and c.min_seq <= p.seq) above
    where above.anc_line <> line.id and not exists (select 1 from line_closure c
      where c.line_id = line.id and c.anc_line = above.anc_line and c.anc_seq >= above.anc_seq and c.min_seq <= line.tip_seq)
    group by line.id, above.anc_line, line.tip_seq)`;
