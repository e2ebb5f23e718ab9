import { Injectable } from "@nestjs/common";
import type { Seal } from "@ziggurat/contracts";
import { placeOnLine } from "@ziggurat/lineage";
import type { Tx } from "../platform/database/unit-of-work.js";
import { insertSealed, type SealedVersion } from "./insert-sealed.js";
import { CLOSURE_GROWTH, type NewEdge, type ParentPlace, placesOf } from "./parent-places.js";

export interface Child {
  readonly versionId: string;
  readonly modelId: string;
  readonly institutionId: string;
}
/** Writes the graph: what arrives sealed at once; of drafts the edges, and the place on a line when they are sealed. */
@Injectable()
export class Derivations {
  /** Writes a version that stands on a line then and cannot change any more. */
  insertSealed(tx: Tx, version: SealedVersion, parents: readonly ParentPlace[]): Promise<void> {
    return insertSealed(tx, version, parents);
  }

  /** Keeps these versions from moving until this transaction ends, without keeping others from deriving from them. */
  lockParents(tx: Tx, ids: readonly string[]): Promise<ParentPlace[]> {
    return tx.query<ParentPlace>(
      `select p.line_id, p.line_seq, p.model_id, (select tip_seq from lines where id = p.line_id) as tip_seq
       from versions p where p.id = any($1) and p.line_id is not null order by p.id for share of p`,
      [ids],
    );
  }

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

  /**
   * Gives a version that is being sealed its place on a line, and the closure its rows. Two versions racing for the same tip
   * end on two lines: the tip moves by a conditional update, and who comes second forks.
   */
  async place(tx: Tx, child: Child): Promise<void> {
    const parents = await tx.query<ParentPlace>(
      `select distinct p.line_id, p.line_seq, p.model_id, l.tip_seq from edges e
         join versions p on p.id = e.parent_id join lines l on l.id = p.line_id where e.child_id = $1`,
      [child.versionId],
    );
    const above = placesOf(parents);
    const placement = placeOnLine(above.of(child.modelId));
    const hasMoved = placement.kind === "append" && (await this.append(tx, child, placement, above));
    if (!hasMoved) await this.start(tx, child, above);
  }

  /** Takes the tip, unless somebody took it before. */
  private async append(tx: Tx, child: Child, place: { line: string; seq: number }, above: Above): Promise<boolean> {
    const moved = await tx.query(
      `with line as (update lines set tip_seq = $6 where id = $5 and tip_seq = $6 - 1 returning id, tip_seq), ${CLOSURE_GROWTH}
       update versions set line_id = line.id, line_seq = line.tip_seq from line where versions.id = $1 returning versions.id`,
      [child.versionId, child.institutionId, above.lines, above.seqs, place.line, place.seq],
    );
    return moved.length === 1;
  }

  private async start(tx: Tx, child: Child, above: Above): Promise<void> {
    const placed = await tx.query(
      `with line as (insert into lines (institution_id, model_id, tier, tip_seq) select $2, id, tier, 1 from models where id = $5 returning id, tip_seq), ${CLOSURE_GROWTH}
       update versions set line_id = line.id, line_seq = line.tip_seq from line where versions.id = $1 returning versions.id`,
      [child.versionId, child.institutionId, above.lines, above.seqs, child.modelId],
    );
    if (placed.length !== 1) throw new Error("A line was not made.");
  }
}

type Above = Pick<ReturnType<typeof placesOf>, "lines" | "seqs">;
