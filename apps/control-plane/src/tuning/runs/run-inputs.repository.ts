import { Injectable } from "@nestjs/common";
import type { DataFormat } from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { DATA } from "../job-row.js";

export interface InputDataset {
  readonly id: string;
  readonly ref: string;
  readonly format: DataFormat;
  readonly rows: number;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Dataset versions of a job. They never change, so every attempt is told the same. */
@Injectable()
export class RunInputsRepository {
  async datasets(tx: Tx, jobId: string, role: string = DATA): Promise<InputDataset[]> {
    const rows = await tx.query<Omit<InputDataset, "sizeBytes"> & { readonly size_bytes: string }>(
      `select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref, d.format, dv.rows, dv.sha256, dv.size_bytes
       from job_datasets jd join dataset_versions dv on dv.id = jd.dataset_version_id join datasets d on d.id = dv.dataset_id
       where jd.job_id = $1 and jd.role = $2 order by jd.position`,
      [jobId, role],
    );
    return rows.map(({ size_bytes, ...row }) => ({ ...row, sizeBytes: Number(size_bytes) }));
  }
}
