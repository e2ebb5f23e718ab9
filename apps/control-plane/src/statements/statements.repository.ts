import { Injectable } from "@nestjs/common";
import { type ChargeUnit, JobId, type Scenario, type SplitRule, StatementLine } from "@ziggurat/contracts";
import {
  type Charged,
  type Drawn,
  daysOf,
  endOfMonth,
  type MonthFacts,
  type Payer,
  type Stored,
  startOfMonth,
  storageCost,
} from "@ziggurat/scheduling";
import { z } from "zod";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface ClosedMonth {
  readonly rule: SplitRule;
  readonly currency: string;
  readonly metered: number;
  readonly pool: number;
  readonly digest: string;
  readonly closed_by: string;
}
export interface KeptStatement {
  readonly institution: string;
  readonly currency: string;
  readonly lines: StatementLine[];
  readonly own: number;
  readonly shared: number;
  readonly total: number;
  readonly closed_at: Date;
}
interface ChargedRow {
  readonly institution: string;
  readonly kind: "job" | "correction";
  readonly job: string;
  readonly model: string;
  readonly version: string | null;
  readonly scenario: Scenario | null;
  readonly unit: ChargeUnit;
  readonly milliseconds: string;
  readonly cost: string;
  readonly late_for: string | null;
  readonly reason: string;
}

const GIB = 1024 ** 3;
const Lines = z.array(StatementLine);

/** The months that anything is billed in, as far as the viewer sees it: $1 an institution, or null for all. */
const MONTHS = `select month from charges where $1::text is null or institution_id = $1
  union select to_char(day, 'YYYY-MM') from storage_days where bytes > 0 and ($1::text is null or institution_id = $1)
  union select month from statements where $1::text is null or institution_id = $1`;

@Injectable()
export class StatementsRepository {
  async institution(tx: Tx, slug: string): Promise<{ readonly id: string } | null> {
    const [row] = await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
    return row ?? null;
  }

  /** One page of months, newest first. */
  async months(tx: Tx, institutionId: string | null, before: string | null, limit: number): Promise<string[]> {
    const rows = await tx.query<{ month: string }>(
      `select month from (${MONTHS}) m where $2::text is null or month < $2 order by month desc limit $3`,
      [institutionId, before, limit],
    );
    return rows.map(({ month }) => month);
  }

  async countMonths(tx: Tx, institutionId: string | null): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from (${MONTHS}) m`, [institutionId]);
    return row?.n ?? 0;
  }

  /** The oldest month before this one that something is billed in and that is not closed. */
  async openBefore(tx: Tx, month: string): Promise<string | null> {
    const [row] = await tx.query<{ month: string }>(
      `select month from (${MONTHS}) m where month < $2 and not exists (select from closed_months c where c.month = m.month) order by month limit 1`,
      [null, month],
    );
    return row?.month ?? null;
  }

  /** What was charged in a month, by job and version. @param institutionId of one alone, or null for all that the viewer sees */
  async charged(tx: Tx, month: string, institutionId: string | null): Promise<Charged[]> {
    const rows = await tx.query<ChargedRow>(
      `select i.slug as institution, case c.kind when 'attempt' then 'job' else 'correction' end as kind, c.job_id as job,
         m.namespace || '/' || m.slug as model, case when v.id is not null then vm.namespace || '/' || vm.slug || '@' || v.number end as version,
         c.scenario, c.unit, sum(c.milliseconds) as milliseconds, sum(c.cost) as cost, case when c.of_month <> c.month then c.of_month end as late_for, c.reason
       from charges c join institutions i on i.id = c.institution_id join models m on m.id = c.model_id
       left join versions v on v.id = c.version_id left join models vm on vm.id = v.model_id
       where c.month = $1 and ($2::text is null or c.institution_id = $2)
       group by 1, 2, 3, 4, 5, 6, 7, late_for, c.reason, case when c.kind = 'correction' then c.id end
       order by 1, c.job_id, 2 desc, version, late_for, c.reason, case when c.kind = 'correction' then c.id end`,
      [month, institutionId],
    );
    return rows.map(({ late_for, ...row }) => ({
      ...row,
      job: JobId.parse(row.job),
      milliseconds: Number(row.milliseconds),
      cost: Number(row.cost),
      lateFor: late_for,
    }));
  }

  async stored(tx: Tx, month: string, institutionId: string | null): Promise<Stored[]> {
    const rows = await tx.query<{ institution: string; bytes: string; price: string }>(
      `select i.slug as institution, d.bytes, d.price from storage_days d join institutions i on i.id = d.institution_id
       where to_char(d.day, 'YYYY-MM') = $1 and ($2::text is null or d.institution_id = $2) order by 1, d.day`,
      [month, institutionId],
    );
    const days = new Map<string, { bytes: number; price: number }[]>();
    for (const { institution, bytes, price } of rows)
      days.set(institution, [...(days.get(institution) ?? []), { bytes: Number(bytes), price: Number(price) }]);
    const length = daysOf(month);
    return [...days].map(([institution, own]) => ({
      institution,
      gibMonths: Math.round((own.reduce((sum, { bytes }) => sum + bytes, 0) / GIB / length) * 1e6) / 1e6,
      cost: storageCost(own, length),
    }));
  }

  /** Everything a month's statements are drawn from; for viewers who see all institutions. */
  async facts(tx: Tx, month: string): Promise<MonthFacts> {
    const charged = await this.charged(tx, month, null);
    return { month, charged, stored: await this.stored(tx, month, null), sharer: PLATFORM_SLUG, payers: await this.payers(tx, month) };
  }

  /** Who was there in a month, by slug, with the time each used and its versions on each shared line that cost something. */
  private async payers(tx: Tx, month: string): Promise<Payer[]> {
    const end = endOfMonth(month);
    const rows = await tx.query<{ id: string; slug: string; milliseconds: string }>(
      `select i.id, i.slug, coalesce((select sum(c.milliseconds) from charges c where c.institution_id = i.id and c.month = $1), 0) as milliseconds
       from institutions i where i.id <> $2 and i.created_at < $3
         and not exists (select from institution_exits x where x.institution_id = i.id and x.state = 'erased' and x.finished_at < $4) order by i.slug`,
      [month, PLATFORM_ID, end, startOfMonth(month)],
    );
    const standing = await tx.query<{ institution_id: string; line: string; n: number }>(
      `select v.institution_id, m.namespace || '/' || m.slug as line, count(distinct v.id)::int as n
       from (select distinct model_id from charges where month = $1 and institution_id = $2) s join models m on m.id = s.model_id
       join lines l on l.model_id = s.model_id join line_closure c on c.anc_line = l.id
       join versions v on v.line_id = c.line_id and v.line_seq >= c.min_seq
       where v.institution_id <> $2 and v.sealed_at < $3 group by 1, 2`,
      [month, PLATFORM_ID, end],
    );
    return rows.map(({ id, slug, milliseconds }) => ({
      institution: slug,
      milliseconds: Number(milliseconds),
      versions: new Map(standing.filter(({ institution_id }) => institution_id === id).map(({ line, n }) => [line, n])),
    }));
  }

  /** The platform's own row of a closed month; no institution sees it. */
  async closed(tx: Tx, month: string): Promise<ClosedMonth | null> {
    const [row] = await tx.query<Omit<ClosedMonth, "metered" | "pool"> & { metered: string; pool: string }>(
      "select rule, currency, metered, pool, digest, closed_by from closed_months where month = $1",
      [month],
    );
    return row === undefined ? null : { ...row, metered: Number(row.metered), pool: Number(row.pool) };
  }

  /** Statements of a closed month. @param institutionId of one alone, or null for all that the viewer sees */
  async kept(tx: Tx, month: string, institutionId: string | null): Promise<KeptStatement[]> {
    const rows = await tx.query<{
      institution: string;
      currency: string;
      lines: unknown;
      own: string;
      shared: string;
      total: string;
      closed_at: Date;
    }>(
      `select i.slug as institution, s.currency, s.lines, s.own, s.shared, s.total, s.closed_at from statements s join institutions i on i.id = s.institution_id
       where s.month = $1 and ($2::text is null or s.institution_id = $2) order by (i.id = $3), i.slug`,
      [month, institutionId, PLATFORM_ID],
    );
    return rows.map((row) => ({
      ...row,
      lines: Lines.parse(row.lines),
      own: Number(row.own),
      shared: Number(row.shared),
      total: Number(row.total),
    }));
  }

  /** Nobody is charged anything in the month until this transaction ends, nor closes it. */
  async lockMonth(tx: Tx, month: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(month_lock($1))", [month]);
  }

  async close(
    tx: Tx,
    closing: {
      readonly month: string;
      readonly rule: SplitRule;
      readonly currency: string;
      readonly metered: number;
      readonly pool: number;
      readonly digest: string;
      readonly reason: string;
    },
    statements: readonly Drawn[],
  ): Promise<void> {
    const { month, rule, currency, metered, pool, digest, reason } = closing;
    await tx.query(
      `insert into closed_months (month, institution_id, rule, currency, metered, pool, digest, closed_by, reason)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [month, PLATFORM_ID, rule, currency, metered, pool, digest, tx.viewer.name, reason],
    );
    await tx.query(
      `insert into statements (institution_id, month, currency, lines, own, shared, total)
       select i.id, $1, $2, s.lines, s.own, s.shared, s.total
       from jsonb_to_recordset($3::jsonb) as s (institution text, lines jsonb, own bigint, shared bigint, total bigint)
       join institutions i on i.slug = s.institution`,
      [month, currency, JSON.stringify(statements)],
    );
  }
}
