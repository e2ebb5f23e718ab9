import { Injectable } from "@nestjs/common";
import { type JobEvent, type Logs, type LogsQuery, MetricSeries, type Metrics, type MetricsQuery } from "@ziggurat/contracts";
import { thinMetric } from "@ziggurat/scheduling";
import { noteRead } from "../../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden } from "../../platform/errors/refusal.js";

interface LineRow {
  readonly line: number;
  readonly attempt: number;
  readonly at: Date;
  readonly stream: string;
  readonly text: string;
}
interface EventRow {
  readonly seq: string;
  readonly at: Date;
  readonly attempt_number: number | null;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Most series of one answer; a trainer that invents keys without end does not fill memory. */
const MOST_SERIES = 200;
/** Points read per series before thinning. */
const MOST_POINTS = 2_000_000;

/** What a run said: events, log lines and metrics. Contents, so only the owner's own people read them. */
@Injectable()
export class JobRecords {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Lines from `offset` on, or the matching ones among all. */
  async logs(viewer: Viewer, jobId: string, query: LogsQuery): Promise<Logs> {
    return this.unitOfWork.run(viewer, async (tx) => {
      await refuseStranger(tx, jobId);
      await noteRead(tx, "job.read_log", jobId);
      const find = query.find === undefined || query.find === "" ? null : `%${query.find.replace(/[\\%_]/g, "\\$&")}%`;
      if (find === null && query.attempt === undefined) return this.range(tx, jobId, query);
      const where = `job_id = $1 and log_line is not null and ($2::int is null or attempt_number = $2)
        and ($3::text is null or data ->> 'line' ilike $3)`;
      const [count] = await tx.query<{ total: number }>(`select count(*)::int as total from job_events where ${where}`, [
        jobId,
        query.attempt ?? null,
        find,
      ]);
      const total = count?.total ?? 0;
      const offset = query.offset < 0 ? Math.max(0, total + query.offset) : query.offset;
      const rows = await tx.query<LineRow>(
        `select log_line as line, attempt_number as attempt, at, data ->> 'stream' as stream, data ->> 'line' as text
         from job_events where ${where} order by log_line offset $4 limit $5`,
        [jobId, query.attempt ?? null, find, offset, query.limit],
      );
      const next = offset + rows.length;
      return { lines: rows.map((row) => ({ ...row, at: row.at.toISOString() })), total, nextOffset: next < total ? next : null };
    });
  }

  /** Without a filter a line's number is its place, so nothing is counted and nothing is skipped over. */
  private async range(tx: Tx, jobId: string, { offset, limit }: LogsQuery): Promise<Logs> {
    const [count] = await tx.query<{ total: number }>("select log_lines as total from jobs where id = $1", [jobId]);
    const total = count?.total ?? 0;
    const from = offset < 0 ? Math.max(0, total + offset) : offset;
    const rows = await tx.query<LineRow>(
      `select log_line as line, attempt_number as attempt, at, data ->> 'stream' as stream, data ->> 'line' as text
       from job_events where job_id = $1 and log_line >= $2 order by log_line limit $3`,
      [jobId, from, limit],
    );
    const next = from + rows.length;
    return { lines: rows.map((row) => ({ ...row, at: row.at.toISOString() })), total, nextOffset: next < total ? next : null };
  }

  async metrics(viewer: Viewer, jobId: string, query: MetricsQuery): Promise<Metrics> {
    return this.unitOfWork.run(viewer, async (tx) => {
      await refuseStranger(tx, jobId);
      const keys = await tx.query<{ key: string }>(
        `select distinct metric_key as key from job_events where job_id = $1 and metric_key is not null
         and ($2::text is null or metric_key = $2) order by 1 limit ${MOST_SERIES}`,
        [jobId, query.key ?? null],
      );
      const series: MetricSeries[] = [];
      for (const { key } of keys) series.push(await this.series(tx, jobId, key, query));
      return { series };
    });
  }

  /** Lets a stream of the job's events begin, which carries its log. @throws Refusal `hidden` */
  async open(viewer: Viewer, jobId: string): Promise<void> {
    await this.unitOfWork.run(viewer, async (tx) => {
      await refuseStranger(tx, jobId);
      await noteRead(tx, "job.read_log", jobId);
    });
  }

  /** Events after `seq`, oldest first. */
  async events(viewer: Viewer, jobId: string, seq: number, limit: number): Promise<JobEvent[]> {
    return this.unitOfWork.run(viewer, async (tx) => {
      await refuseStranger(tx, jobId);
      const rows = await tx.query<EventRow>(
        "select seq, at, attempt_number, type, data from job_events where job_id = $1 and seq > $2 order by seq limit $3",
        [jobId, seq, limit],
      );
      return rows.map((row) => ({
        ...row.data,
        seq: Number(row.seq),
        at: row.at.toISOString(),
        attempt: row.attempt_number,
        type: row.type,
      }));
    });
  }

  /** A resumed attempt repeats the steps behind its checkpoint; of equal steps the last one said counts. */
  private async series(tx: Tx, jobId: string, key: string, { from, to, points }: MetricsQuery): Promise<MetricSeries> {
    const rows = await tx.query<{ step: string; value: number }>(
      `select distinct on (metric_step) metric_step as step, metric_value as value from job_events
       where job_id = $1 and metric_key = $2 and ($3::bigint is null or metric_step >= $3) and ($4::bigint is null or metric_step <= $4)
       order by metric_step, seq desc limit ${MOST_POINTS}`,
      [jobId, key, from ?? null, to ?? null],
    );
    const all = rows.map((row) => ({ step: Number(row.step), value: row.value }));
    const thinned = thinMetric(all, points);
    return MetricSeries.parse({
      key,
      count: all.length,
      thinned: thinned.length < all.length,
      points: thinned.map(({ step, value }) => ({ step, value: Number.isFinite(value) ? value : spelled(value) })),
    });
  }
}

/** The platform's people see that a job exists, not what it said; everyone else does not even see that. */
async function refuseStranger(tx: Tx, jobId: string): Promise<void> {
  const [job] = await tx.query<{ institution_id: string }>("select institution_id from jobs where id = $1", [jobId]);
  if (job === undefined || job.institution_id !== tx.viewer.institutionId) throw hidden();
}

function spelled(value: number): "NaN" | "Infinity" | "-Infinity" {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}
