import { Injectable } from "@nestjs/common";
import { type Hop, JobId, type LineagePath, parseVersionRef } from "@ziggurat/contracts";
import { waysUp } from "@ziggurat/lineage";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { type EdgeRow, LineageRepository, type NodeRow, type UseRow } from "./lineage.repository.js";
import { versionNode } from "./lineage-node.js";
import type { VersionPath } from "./reach.service.js";

interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly method: string;
  readonly state: string;
}

/** Why one version stands above another: each hop with what proves it. Both ways are walked upwards, where ancestors are few. */
@Injectable()
export class PathService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly lineage: LineageRepository,
  ) {}

  get(viewer: Viewer, start: VersionPath, to: string): Promise<LineagePath> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const end = parseVersionRef(to);
      const from = await this.lineage.find(tx, start.namespace, start.slug, start.number);
      const target = await this.lineage.find(tx, end.namespace, end.slug, end.number);
      if (from === null || target === null) throw hidden();
      const names = { from: from.ref, to: target.ref };
      if (from.id === target.id) return { ...names, relation: "same", hops: [], ways: 0 };
      const up = await this.between(tx, from, target);
      if (up !== null) return { ...names, relation: "up", ...up };
      const down = await this.between(tx, target, from);
      return down === null ? { ...names, relation: "none", hops: [], ways: 0 } : { ...names, relation: "down", ...down };
    });
  }

  private async between(tx: Tx, child: NodeRow, ancestor: NodeRow): Promise<{ readonly hops: Hop[]; readonly ways: number } | null> {
    const above = await this.lineage.above(tx, child.id, MOST_HOPS);
    if (!above.has(ancestor.id)) return null;
    const edges = await this.lineage.edges(tx, [...above.keys()], null);
    const { shortest, ways } = waysUp(
      edges.map((edge) => ({ child: edge.child_id, parent: edge.parent_id, edge })),
      child.id,
      ancestor.id,
    );
    // A hop whose end the viewer may not see is no evidence for them.
    if (shortest.length === 0) return null;
    return { hops: await this.evidence(tx, shortest.map(({ edge }) => edge).reverse()), ways };
  }

  private async evidence(tx: Tx, edges: readonly EdgeRow[]): Promise<Hop[]> {
    const nodes = new Map(
      (
        await this.lineage.nodes(
          tx,
          edges.flatMap(({ child_id, parent_id }) => [child_id, parent_id]),
        )
      ).map((row) => [row.id, row]),
    );
    const uses = await this.lineage.uses(
      tx,
      edges.map(({ child_id }) => child_id),
    );
    const jobs = await tx.query<JobRow>("select id, kind, method, state from jobs where id = any($1)", [
      edges.flatMap(({ job_id }) => job_id ?? []),
    ]);
    return edges.flatMap((edge, index) => {
      const [parent, child] = [nodes.get(edge.parent_id), nodes.get(edge.child_id)];
      if (parent === undefined || child === undefined) return [];
      return [hop(edge, { parent, child, uses, job: jobs.find(({ id }) => id === edge.job_id) }, index)];
    });
  }
}

const MOST_HOPS = 1000;

function hop(
  edge: EdgeRow,
  known: { readonly parent: NodeRow; readonly child: NodeRow; readonly uses: readonly UseRow[]; readonly job: JobRow | undefined },
  index: number,
): Hop {
  const { parent, child, uses, job } = known;
  return {
    parent: versionNode(parent, index, []),
    child: versionNode(child, index + 1, []),
    relation: edge.relation,
    seal: edge.seal,
    parentDigest: edge.parent_digest,
    digestHolds: edge.parent_digest === null ? null : edge.parent_digest === parent.root_digest,
    job:
      edge.job_id === null
        ? null
        : { id: JobId.parse(edge.job_id), kind: job?.kind ?? null, method: job?.method ?? null, state: job?.state ?? null },
    datasets: uses
      .filter(({ version_id }) => version_id === child.id)
      .map(({ dataset, sha256 }) => ({ ref: dataset.replace(/^datasets\//, ""), sha256 })),
    createdAt: edge.created_at.toISOString(),
  };
}
