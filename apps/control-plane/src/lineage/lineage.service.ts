import { Injectable } from "@nestjs/common";
import { type GateResult, JobId, type Lineage, type LineageEdge, type LineageNode, type LineageQuery } from "@ziggurat/contracts";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { VersionViews } from "../registry/versions/version-views.js";
import { ExternalRunsRepository } from "./external/external-runs.repository.js";
import {
  type DatasetNodeRow,
  type EdgeRow,
  LineageRepository,
  type NodeRow,
  type Place,
  placeOf,
  type UseRow,
} from "./lineage.repository.js";
import { filterKey } from "./lineage-filter.js";
import { versionNode } from "./lineage-node.js";
import { ReachRepository } from "./reach.repository.js";

/** A part of the graph, before it is put into words. */
interface Part {
  readonly distances: ReadonlyMap<string, number>;
  readonly nextCursor: string | null;
}

/** What a version was made from and what was made from it, as far as the viewer may see. */
@Injectable()
export class LineageService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly lineage: LineageRepository,
    private readonly reach: ReachRepository,
    private readonly views: VersionViews,
    private readonly cursors: Cursors,
    private readonly external: ExternalRunsRepository,
  ) {}

  get(viewer: Viewer, at: { namespace: string; slug: string; number: number }, query: LineageQuery): Promise<Lineage> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const focus = await this.lineage.find(tx, at.namespace, at.slug, at.number, query);
      if (focus === null) throw hidden();
      const place = placeOf(focus);
      const up = await this.up(tx, focus, query);
      const down = await this.down(tx, focus, place, query);
      const distances = new Map([...up.distances, ...down.distances]);
      distances.delete(focus.id);
      const rows = [focus, ...(await this.lineage.nodes(tx, [...distances.keys()], query))];
      const visible = new Set(rows.map(({ id }) => id));
      const uses = await this.uses(tx, up, visible, query);
      const datasets = await this.lineage.datasetNodes(tx, [...new Set(uses.map((use) => use.dataset_version_id))]);
      const gates = query.at === undefined ? await this.views.gates(tx, rows) : new Map<string, GateResult[]>();
      return {
        focus: focus.ref,
        nodes: [
          ...rows.map((row) => versionNode(row, distances.get(row.id) ?? 0, gates.get(row.id) ?? [])),
          ...datasets.map((row) => datasetNode(row, nearestUse(row.id, uses, distances))),
        ],
        edges: [...(await this.edges(tx, focus, [...visible], place, query)).map(derivationEdge), ...uses.map(useEdge)],
        counts: await this.counts(tx, focus, place, query),
        nextCursor: down.nextCursor,
        external: await this.external.naming(tx, [...visible, ...datasets.map(({ id }) => id)]),
      };
    });
  }

  private async counts(tx: Tx, focus: NodeRow, place: Place | null, { at }: LineageQuery): Promise<Lineage["counts"]> {
    const isThere = place !== null && (at === undefined || focus.state !== null);
    const below = isThere ? await this.reach.count(tx, place, at) : { descendants: 0, institutions: 0 };
    return { ancestors: focus.state === null ? 0 : await this.lineage.countAbove(tx, focus.id, at), ...below };
  }

  /** The focus was not derived yet when it was not sealed. */
  private async edges(tx: Tx, focus: NodeRow, ids: readonly string[], place: Place | null, query: LineageQuery): Promise<EdgeRow[]> {
    return focus.state === null ? [] : this.lineage.edges(tx, ids, place, query);
  }

  /** Ancestors are few and come whole, with the first page. */
  private async up(tx: Tx, focus: NodeRow, { direction, depth, cursor }: LineageQuery): Promise<Part> {
    if (direction === "down" || cursor !== undefined || focus.state === null) return { distances: new Map(), nextCursor: null };
    const above = await this.lineage.above(tx, focus.id, depth);
    return { distances: new Map([...above].map(([id, hops]) => [id, hops === 0 ? 0 : -hops])), nextCursor: null };
  }

  /** A page of descendants. With a small depth or a filter a page may hold fewer than its limit, and the cursor still goes on. */
  private async down(tx: Tx, focus: NodeRow, place: Place | null, query: LineageQuery): Promise<Part> {
    const { direction, depth, limit, cursor } = query;
    const binding = boundTo(tx.viewer, `lineage of ${focus.id} ${direction} ${depth} ${filterKey(query)}`);
    const [line, seq] = this.cursors.decode(cursor, binding) ?? [];
    if (direction === "up" || place === null || focus.state === null) return { distances: new Map(), nextCursor: null };
    const after = line === undefined || seq === undefined ? null : { line: String(line), seq: Number(seq) };
    const { rows, end } = await this.lineage.below(tx, place, after, limit, query);
    const hops = await this.lineage.hopsTo(
      tx,
      focus.id,
      rows.map(({ id }) => id),
    );
    return {
      distances: new Map([...hops].filter(([, count]) => count <= depth)),
      nextCursor: end === null ? null : this.cursors.encode([end.line, end.seq], binding),
    };
  }

  /** Data stands one hop above what learnt from it, for the focus and its ancestors. */
  private async uses(tx: Tx, up: Part, visible: ReadonlySet<string>, { depth }: LineageQuery): Promise<UseRow[]> {
    const learners = [...up.distances].filter(([id, distance]) => visible.has(id) && 1 - distance <= depth).map(([id]) => id);
    return learners.length === 0 ? [] : this.lineage.uses(tx, learners);
  }
}

function datasetNode(row: DatasetNodeRow, distance: number): LineageNode {
  return {
    id: `datasets/${row.ref}`,
    kind: "dataset",
    ref: row.ref,
    name: row.name,
    tier: null,
    owner: row.owner,
    state: null,
    artifactKind: null,
    rootDigest: null,
    distance,
    gates: null,
  };
}

function nearestUse(id: string, uses: readonly UseRow[], distances: ReadonlyMap<string, number>): number {
  return Math.max(...uses.filter((use) => use.dataset_version_id === id).map((use) => (distances.get(use.version_id) ?? 0) - 1));
}

function derivationEdge(row: EdgeRow): LineageEdge {
  return {
    child: row.child,
    parent: row.parent,
    relation: row.relation,
    seal: row.seal,
    job: row.job_id === null ? null : JobId.parse(row.job_id),
    parentDigest: row.parent_digest,
    createdAt: row.created_at.toISOString(),
  };
}

/** Data is known by the digest of its bytes, as versions are by their root digest. */
function useEdge(row: UseRow): LineageEdge {
  return {
    child: row.version,
    parent: row.dataset,
    relation: "trained_on",
    seal: "sealed",
    job: row.job_id === null ? null : JobId.parse(row.job_id),
    parentDigest: row.sha256,
    createdAt: row.created_at.toISOString(),
  };
}
