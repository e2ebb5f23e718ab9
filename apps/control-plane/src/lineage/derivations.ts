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
    const place =
      placement.kind === "append" && (await this.moveTip(tx, placement.line, placement.seq))
        ? placement
        : { line: await this.startLine(tx, child), seq: 1 };
    await tx.query("update versions set line_id = $2, line_seq = $3 where id = $1", [child.versionId, place.line, place.seq]);
    for (const parent of parents) {
      if (parent.line_id !== place.line) await this.growClosure(tx, child.institutionId, place, parent);
    }
  }

  private async moveTip(tx: Tx, line: string, seq: number): Promise<boolean> {
    const moved = await tx.query("update lines set tip_seq = $2 where id = $1 and tip_seq = $2 - 1 returning id", [line, seq]);
    return moved.length === 1;
  }

  private async startLine(tx: Tx, { institutionId, modelId }: Child): Promise<string> {
    const [row] = await tx.query<{ id: string }>(
      "insert into lines (institution_id, model_id, tier, tip_seq) select $1, id, tier, 1 from models where id = $2 returning id",
      [institutionId, modelId],
    );
    if (row === undefined) throw new Error("A line was not made.");
    return row.id;
  }

  /** The statement that `closureGain` of the lineage package describes. */
  private async growClosure(tx: Tx, institutionId: string, place: { line: string; seq: number }, parent: PlaceRow): Promise<void> {
    await tx.query(
      `insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id)
       select $1, anc_line, anc_seq, $2, $3 from (
         select anc_line, max(anc_seq) as anc_seq from line_closure where line_id = $4 and min_seq <= $5 group by anc_line
         union select $4::bigint, $5::int) above
       where anc_line <> $1 and not exists (select 1 from line_closure c
         where c.line_id = $1 and c.anc_line = above.anc_line and c.anc_seq >= above.anc_seq and c.min_seq <= $2)`,
      [place.line, place.seq, institutionId, parent.line_id, parent.line_seq],
    );
  }
}
