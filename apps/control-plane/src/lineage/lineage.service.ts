import { Injectable } from "@nestjs/common";
import { type GateResult, JobId, type Lineage, type LineageEdge, type LineageNode, type LineageQuery } from "@ziggurat/contracts";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { Cursors } from "../platform/http/cursor.js";
import { VersionViews } from "../registry/versions/version-views.js";
import { ExternalRunsRepository } from "./external/external-runs.repository.js";
import { type DatasetNodeRow, type EdgeRow, LineageRepository, type NodeRow, type Place, type UseRow } from "./lineage.repository.js";

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
    private readonly views: VersionViews,
    private readonly cursors: Cursors,
    private readonly external: ExternalRunsRepository,
  ) {}

  get(viewer: Viewer, at: { namespace: string; slug: string; number: number }, query: LineageQuery): Promise<Lineage> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const focus = await this.lineage.find(tx, at.namespace, at.slug, at.number);
      if (focus === null) throw hidden();
      const place = placeOf(focus);
      const up = await this.up(tx, focus, query);
      const down = await this.down(tx, focus, place, query);
      const distances = new Map([...up.distances, ...down.distances, [focus.id, 0]]);
      const rows = await this.lineage.nodes(tx, [...distances.keys()]);
      const visible = rows.map(({ id }) => id);
      const uses = await this.uses(tx, up, query);
      const datasets = await this.lineage.datasetNodes(tx, [...new Set(uses.map((use) => use.dataset_version_id))]);
      const gates = await this.views.gates(tx, rows);
      const below = place === null ? { descendants: 0, institutions: 0 } : await this.lineage.countBelow(tx, place);
      return {
        focus: focus.ref,
        nodes: [
          ...rows.map((row) => versionNode(row, distances.get(row.id) ?? 0, gates.get(row.id) ?? [])),
          ...datasets.map((row) => datasetNode(row, nearestUse(row.id, uses, distances))),
        ],
        edges: [...(await this.lineage.edges(tx, visible, place)).map(derivationEdge), ...uses.map(useEdge)],
        counts: { ancestors: await this.lineage.countAbove(tx, focus.id), ...below },
        nextCursor: down.nextCursor,
        external: await this.external.naming(tx, [...visible, ...datasets.map(({ id }) => id)]),
      };
    });
  }

  /** Ancestors are few and come whole, with the first page. */
  private async up(tx: Tx, focus: NodeRow, { direction, depth, cursor }: LineageQuery): Promise<Part> {
    if (direction === "down" || cursor !== undefined) return { distances: new Map(), nextCursor: null };
    const above = await this.lineage.above(tx, focus.id, depth);
    return { distances: new Map([...above].map(([id, hops]) => [id, hops === 0 ? 0 : -hops])), nextCursor: null };
  }

  /** A page of descendants. With a small depth a page may hold fewer than its limit, and the cursor still goes on. */
  private async down(tx: Tx, focus: NodeRow, place: Place | null, query: LineageQuery): Promise<Part> {
    const { direction, depth, limit, cursor } = query;
    const binding = `lineage of ${focus.id} ${direction} ${depth}`;
    const [line, seq] = this.cursors.decode(cursor, binding) ?? [];
    if (direction === "up" || place === null) return { distances: new Map(), nextCursor: null };
    const after = line === undefined || seq === undefined ? null : { line: String(line), seq: Number(seq) };
    const rows = await this.lineage.below(tx, place, after, limit + 1);
    const page = rows.slice(0, limit);
    const hops = await this.lineage.hopsTo(
      tx,
      focus.id,
      page.map(({ id }) => id),
    );
    const end = page.at(-1);
    const last = end === undefined ? null : placeOf(end);
    return {
      distances: new Map([...hops].filter(([, count]) => count <= depth)),
      nextCursor: rows.length > limit && last !== null ? this.cursors.encode([last.line, last.seq], binding) : null,
    };
  }

  /** Data stands one hop above what learnt from it, for the focus and its ancestors. */
  private async uses(tx: Tx, up: Part, { depth }: LineageQuery): Promise<UseRow[]> {
    const learners = [...up.distances].filter(([, distance]) => 1 - distance <= depth).map(([id]) => id);
    return learners.length === 0 ? [] : this.lineage.uses(tx, learners);
  }
}

function placeOf(row: NodeRow): Place | null {
  return row.line_id === null || row.line_seq === null ? null : { line: row.line_id, seq: row.line_seq };
}

function versionNode(row: NodeRow, distance: number, gates: readonly GateResult[]): LineageNode {
  return {
    id: row.ref,
    kind: "version",
    ref: row.ref,
    name: row.name,
    tier: row.tier,
    owner: row.owner,
    state: row.state,
    artifactKind: row.artifact_kind,
    rootDigest: row.root_digest,
    distance,
    gates: summary(gates),
  };
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

function summary(gates: readonly GateResult[]): LineageNode["gates"] {
  if (gates.length === 0) return null;
  if (gates.some(({ verdict }) => verdict === "failed")) return "failed";
  return gates.every(({ verdict }) => verdict === "passed") ? "passed" : "open";
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
