import { Injectable } from "@nestjs/common";
import { type DataFormat, parseVersionRef } from "@ziggurat/contracts";
import type { DatasetFacts, ModelFacts } from "@ziggurat/pyramid";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { modelFacts } from "../../registry/models/model-row.js";
import { ModelsRepository } from "../../registry/models/models.repository.js";
import { type FoundRelease, Releases } from "../../registry/versions/releases.js";

export interface FoundModel extends ModelFacts {
  readonly id: string;
  readonly institutionId: string;
}
export interface FoundDataset extends DatasetFacts {
  readonly id: string;
  readonly characters: number;
  readonly rows: number;
}

interface DatasetRow {
  readonly id: string;
  readonly ref: string;
  readonly owner: string;
  readonly format: DataFormat;
  readonly sha256: string;
  readonly isWithdrawn: boolean;
  readonly isPurged: boolean;
  readonly characters: string;
  readonly rows: number;
}

/** The facts behind the names in a request, as far as the viewer sees them. */
@Injectable()
export class TuneFactsRepository {
  constructor(
    private readonly models: ModelsRepository,
    private readonly releases: Releases,
  ) {}

  async model(tx: Tx, ref: string): Promise<FoundModel | null> {
    const [namespace = "", slug = ""] = ref.split("/");
    const row = await this.models.find(tx, namespace, slug);
    return row === null ? null : { ...modelFacts(row), id: row.id, institutionId: row.institution_id };
  }

  async release(tx: Tx, ref: string): Promise<FoundRelease | null> {
    return (await this.releases.byRef(tx, [ref])).get(ref) ?? null;
  }

  async datasets(tx: Tx, refs: readonly string[]): Promise<ReadonlyMap<string, FoundDataset>> {
    const parts = refs.map(parseVersionRef);
    const rows = await tx.query<DatasetRow>(
      `select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref, i.slug as owner, d.format, dv.sha256, dv.characters, dv.rows,
         exists (select 1 from withdrawn_datasets w where w.dataset_version_id = dv.id) as "isWithdrawn",
         exists (select 1 from tombstones t where t.dataset_version_id = dv.id) as "isPurged"
       from unnest($1::text[], $2::text[], $3::int[]) as wanted (namespace, slug, number)
       join datasets d on d.namespace = wanted.namespace and d.slug = wanted.slug
       join dataset_versions dv on dv.dataset_id = d.id and dv.number = wanted.number
       join institutions i on i.id = d.institution_id`,
      [parts.map((part) => part.namespace), parts.map((part) => part.slug), parts.map((part) => part.number)],
    );
    return new Map(rows.map((row) => [row.ref, { ...row, characters: Number(row.characters) }]));
  }
}
