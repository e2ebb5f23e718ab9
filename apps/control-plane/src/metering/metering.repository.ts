import { Injectable } from "@nestjs/common";
import type { ChargeUnit } from "@ziggurat/contracts";
import { nextMonth } from "@ziggurat/scheduling";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

/** An attempt that has ended, with what it is charged for. */
export interface EndedAttempt {
  readonly id: string;
  readonly institution_id: string;
  readonly job_id: string;
  readonly model_id: string;
  readonly version_id: string | null;
  readonly scenario: string | null;
  readonly cluster: string;
  readonly unit: ChargeUnit;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly milliseconds: string;
}

export interface NewCharge {
  readonly institutionId: string;
  readonly kind: "attempt" | "correction";
  readonly attemptId: string | null;
  readonly jobId: string;
  readonly modelId: string;
  readonly versionId: string | null;
  readonly scenario: string | null;
  readonly unit: ChargeUnit;
  readonly milliseconds: number;
  readonly price: number;
  readonly cost: number;
  readonly currency: string;
  readonly month: string;
  readonly ofMonth: string;
  readonly reason: string;
}

@Injectable()
export class MeteringRepository {
  /**
   * Its places are held from the first word of its run; a run that never spoke is charged nothing, unless its result arrived. A lost run ends with
   * its last word: what nobody heard of is not charged.
   */
  async ended(tx: Tx, attemptId: string): Promise<EndedAttempt | null> {
    const [row] = await tx.query<EndedAttempt>(
      `select a.id, a.institution_id, a.job_id, j.model_id, coalesce(j.version_id, case when j.kind = 'evaluate' then j.parent_version_id end) as version_id,
         m.scenario, c.name as cluster, case when a.gpu_type is not null or c.device like 'cuda%' then 'gpu' else 'cpu' end as unit, t.started_at, t.ended_at,
         round(extract(epoch from greatest(t.ended_at - t.started_at, interval '0')) * 1000)::bigint * a.places as milliseconds
       from attempts a join jobs j on j.id = a.job_id join models m on m.id = j.model_id join clusters c on c.id = a.cluster_id
       cross join lateral (select
         coalesce(a.started_at, case when a.state = 'succeeded' then a.created_at else a.ended_at end) as started_at,
         case when a.state = 'lost' then coalesce(a.last_heard_at, a.started_at, a.ended_at) else a.ended_at end as ended_at) t
       where a.id = $1 and a.ended_at is not null`,
      [attemptId],
    );
    return row ?? null;
  }

  /** Whether a month is closed, once whoever closes it now is done. It stays open until this transaction ends. */
  async isClosed(tx: Tx, month: string): Promise<boolean> {
    await tx.query("select pg_advisory_xact_lock_shared(month_lock($1))", [month]);
    return (await tx.query("select from closed_months where month = $1", [month])).length > 0;
  }

  /** The month itself, or the first one after it that is not closed; it stays open until this transaction ends. */
  async openMonth(tx: Tx, month: string): Promise<string> {
    let open = month;
    while (await this.isClosed(tx, open)) open = nextMonth(open);
    return open;
  }

  /** @returns its id, or null when the attempt was charged before */
  async insert(tx: Tx, charge: NewCharge): Promise<string | null> {
    const rows = await tx.query<{ id: string }>(
      `insert into charges (id, institution_id, kind, attempt_id, job_id, model_id, version_id, scenario, unit, milliseconds, price, cost, currency, month,
         of_month, reason, made_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
       on conflict (attempt_id) where attempt_id is not null do nothing returning id`,
      [
        newId("charge"),
        charge.institutionId,
        charge.kind,
        charge.attemptId,
        charge.jobId,
        charge.modelId,
        charge.versionId,
        charge.scenario,
        charge.unit,
        charge.milliseconds,
        charge.price,
        charge.cost,
        charge.currency,
        charge.month,
        charge.ofMonth,
        charge.reason,
        tx.viewer.name,
      ],
    );
    return rows[0]?.id ?? null;
  }

  /** Nobody else corrects what the job was charged until this transaction ends. */
  async lockJob(tx: Tx, institutionId: string, jobId: string): Promise<void> {
    await tx.query("select 1 from jobs where id = $1 and institution_id = $2 for no key update", [jobId, institutionId]);
  }

  /** What a job of an institution was charged so far. */
  async chargedOf(tx: Tx, institutionId: string, jobId: string) {
    const [row] = await tx.query<{
      model_id: string;
      scenario: string | null;
      version_id: string | null;
      version: string | null;
      unit: ChargeUnit;
      cost: string;
      of_month: string;
    }>(
      `select c.model_id, c.scenario, c.version_id, c.unit, sum(c.cost) over () as cost, max(c.of_month) over () as of_month,
         case when v.id is not null then m.namespace || '/' || m.slug || '@' || v.number end as version
       from charges c left join versions v on v.id = c.version_id left join models m on m.id = v.model_id
       where c.institution_id = $1 and c.job_id = $2 order by c.version_id nulls last, c.id desc limit 1`,
      [institutionId, jobId],
    );
    return row ?? null;
  }

  async at(tx: Tx, id: string): Promise<Date> {
    const [row] = await tx.query<{ at: Date }>("select at from charges where id = $1", [id]);
    return row?.at ?? new Date();
  }

  /** Writes what each institution stores today, once. @returns how many were written */
  async recordStorage(tx: Tx, day: string, price: number): Promise<number> {
    const rows = await tx.query(
      `insert into storage_days (institution_id, day, bytes, price)
       select i.id, $1::date, coalesce(sum(b.size_bytes), 0), $2 from institutions i
       left join blob_grants g on g.institution_id = i.id left join blobs b using (sha256)
       where i.state <> 'erased' and not exists (select from storage_days d where d.institution_id = i.id and d.day = $1::date)
       group by i.id on conflict do nothing returning institution_id`,
      [day, price],
    );
    return rows.length;
  }
}
