import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { Place } from "./lineage.repository.js";

export interface ReachedRow {
  readonly id: string;
  readonly line_id: string;
  readonly line_seq: number;
  readonly direct: boolean;
}

/** Lines on which something learnt from dataset version $1, from the first such place on: the learners themselves and what the closure adds. */
const TAUGHT = `
  direct as materialized (
    select v.id, v.line_id, v.line_seq from dataset_uses u join versions v on v.id = u.version_id
    where u.dataset_version_id = $1 and v.line_id is not null),
  taught (line_id, k) as (
    select line_id, min(k) from (
      select line_id, line_seq as k from direct
      union all select c.line_id, c.min_seq from direct d join line_closure c on c.anc_line = d.line_id and c.anc_seq >= d.line_seq) reached
    group by line_id)`;

/** What learnt from data, directly and through what it was derived from; read from the line closure, never walked. */
@Injectable()
export class DatasetReachRepository {
  async find(
    tx: Tx,
    { namespace, slug, number }: { namespace: string; slug: string; number: number },
  ): Promise<{ readonly id: string; readonly ref: string } | null> {
    const [row] = await tx.query<{ id: string; ref: string }>(
      `select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref from dataset_versions dv join datasets d on d.id = dv.dataset_id
       where d.namespace = $1 and d.slug = $2 and dv.number = $3`,
      [namespace, slug, number],
    );
    return row ?? null;
  }

  page(tx: Tx, datasetVersionId: string, after: Place | null, limit: number): Promise<ReachedRow[]> {
    return tx.query<ReachedRow>(
      `with ${TAUGHT}
       select v.id, v.line_id, v.line_seq, exists (select 1 from direct d where d.id = v.id) as direct
       from (select line_id, k from taught where $2::bigint is null or line_id >= $2 order by line_id) t
         cross join lateral (select id, line_id, line_seq from versions where line_id = t.line_id and line_seq >= t.k
           and ($2::bigint is null or (t.line_id, line_seq) > ($2, $3::int))) v
       order by t.line_id, v.line_seq limit $4`,
      [datasetVersionId, after?.line ?? null, after?.seq ?? null, limit],
    );
  }

  async count(tx: Tx, datasetVersionId: string): Promise<{ readonly direct: number; readonly versions: number }> {
    const [row] = await tx.query<{ direct: number; versions: number }>(
      `with ${TAUGHT}
       select (select count(*)::int from direct) as direct,
         (select count(*)::int from taught t join versions v on v.line_id = t.line_id and v.line_seq >= t.k) as versions`,
      [datasetVersionId],
    );
    return { direct: row?.direct ?? 0, versions: row?.versions ?? 0 };
  }
}
