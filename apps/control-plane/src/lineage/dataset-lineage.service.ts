import { Injectable } from "@nestjs/common";
import type { DatasetLineage, DatasetLineageQuery } from "@ziggurat/contracts";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { DatasetReachRepository } from "./dataset-reach.repository.js";
import { LineageRepository } from "./lineage.repository.js";
import type { VersionPath } from "./reach.service.js";

/** From data to models: what was trained on a dataset version, and what descends from that. */
@Injectable()
export class DatasetLineageService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reach: DatasetReachRepository,
    private readonly lineage: LineageRepository,
    private readonly cursors: Cursors,
  ) {}

  get(viewer: Viewer, path: VersionPath, { limit, cursor }: DatasetLineageQuery): Promise<DatasetLineage> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const dataset = await this.reach.find(tx, path);
      if (dataset === null) throw hidden();
      const binding = boundTo(viewer, `lineage of ${dataset.id}`);
      const [line, seq] = this.cursors.decode(cursor, binding) ?? [];
      const after = line === undefined || seq === undefined ? null : { line: String(line), seq: Number(seq) };
      const rows = await this.reach.page(tx, dataset.id, after, limit + 1);
      const { data, nextCursor } = this.cursors.page(rows, limit, binding, (row) => [row.line_id, row.line_seq]);
      const nodes = await this.lineage.nodes(
        tx,
        data.map(({ id }) => id),
      );
      const byId = new Map(nodes.map((node) => [node.id, node]));
      return {
        focus: `datasets/${dataset.ref}`,
        data: data.flatMap(({ id, direct }) => {
          const node = byId.get(id);
          if (node === undefined) return [];
          const { ref, name, tier, owner, state, artifact_kind, root_digest } = node;
          return [{ version: { ref, name, tier, owner, state, artifactKind: artifact_kind, rootDigest: root_digest }, direct }];
        }),
        counts: await this.reach.count(tx, dataset.id),
        nextCursor,
      };
    });
  }
}
