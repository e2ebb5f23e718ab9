import { Injectable } from "@nestjs/common";
import type { NoticeKind } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewNotice {
  readonly institutionId: string;
  readonly kind: NoticeKind;
  readonly subject: string;
  readonly recallId: string | null;
  readonly reason: string;
  readonly acknowledgeBy: Date | null;
  /** Slug of the institution whose word is missing, and which step this is. */
  readonly about?: string;
  readonly step?: number;
  /** Versions of the institution that it is about, where no recall counts them. */
  readonly versions?: number;
}
export interface NoticeRow {
  readonly id: string;
  readonly institution_id: string;
  readonly institution: string;
  readonly kind: NoticeKind;
  readonly subject: string;
  readonly recall_id: string | null;
  readonly about: string | null;
  readonly versions: number;
  readonly reason: string;
  readonly created_at: Date;
  readonly acknowledge_by: Date | null;
  readonly seen_at: Date | null;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
}
export interface OverdueRow {
  readonly id: string;
  readonly institution_id: string;
  readonly institution: string;
  readonly subject: string;
  readonly recall_id: string;
  readonly acknowledge_by: Date;
  readonly escalations: number;
}

/** An inbox is the institution's own: also the platform's people see here what was written to the platform, not to others. */
const SELECT = `
  select n.id, n.institution_id, i.slug as institution, n.kind, n.subject, n.recall_id, n.about, n.reason, n.created_at, n.acknowledge_by,
    n.seen_at, n.acknowledged_at, n.acknowledged_by,
    coalesce(n.versions, (select count(*)::int from recall_items t where t.recall_id = n.recall_id
       and t.institution_id = coalesce((select id from institutions a where a.slug = n.about), n.institution_id))) as versions
  from notices n join institutions i on i.id = n.institution_id`;

@Injectable()
export class NoticesRepository {
  /** @returns whether it was told now; told before, nothing is written */
  async insert(tx: Tx, notice: NewNotice): Promise<boolean> {
    const rows = await tx.query(
      `insert into notices (id, institution_id, kind, subject, recall_id, about, step, reason, acknowledge_by, versions)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id`,
      [
        newId("notice"),
        notice.institutionId,
        notice.kind,
        notice.subject,
        notice.recallId,
        notice.about ?? null,
        notice.step ?? 0,
        notice.reason,
        notice.acknowledgeBy,
        notice.versions ?? null,
      ],
    );
    return rows.length > 0;
  }

  async find(tx: Tx, id: string): Promise<NoticeRow | null> {
    const [row] = await tx.query<NoticeRow>(`${SELECT} where n.id = $1 and n.institution_id = $2`, [id, tx.viewer.institutionId]);
    return row ?? null;
  }

  list(tx: Tx, open: boolean | null, before: string | null, limit: number): Promise<NoticeRow[]> {
    return tx.query<NoticeRow>(
      `${SELECT} where n.institution_id = $1 and ${OPEN} and ($3::text is null or n.id < $3) order by n.id desc limit $4`,
      [tx.viewer.institutionId, open, before, limit],
    );
  }

  async count(tx: Tx, open: boolean | null): Promise<number> {
    const [row] = await tx.query<{ total: number }>(
      `select count(*)::int as total from notices n where n.institution_id = $1 and ${OPEN}`,
      [tx.viewer.institutionId, open],
    );
    return row?.total ?? 0;
  }

  async see(tx: Tx, id: string): Promise<void> {
    await tx.query("update notices set seen_at = now() where id = $1 and seen_at is null", [id]);
  }

  /** @returns whether it was open until now */
  async acknowledge(tx: Tx, id: string, by: string): Promise<boolean> {
    const rows = await tx.query(
      `update notices set acknowledged_at = now(), acknowledged_by = $2, seen_at = coalesce(seen_at, now())
       where id = $1 and acknowledged_at is null returning id`,
      [id, by],
    );
    return rows.length > 0;
  }

  /** Institutions that were told of a recall. */
  async toldOf(tx: Tx, recallId: string): Promise<string[]> {
    const rows = await tx.query<{ institution_id: string }>(
      "select institution_id from notices where recall_id = $1 and kind = 'recall' order by institution_id",
      [recallId],
    );
    return rows.map(({ institution_id }) => institution_id);
  }

  /** Notices of recalls in force whose deadline has passed without a word, locked. */
  overdue(tx: Tx, now: Date, hours: readonly number[], limit: number): Promise<OverdueRow[]> {
    return tx.query<OverdueRow>(
      `select n.id, n.institution_id, i.slug as institution, n.subject, n.recall_id, n.acknowledge_by, n.escalations
       from notices n join institutions i on i.id = n.institution_id join recalls r on r.id = n.recall_id
       where n.acknowledged_at is null and n.acknowledge_by is not null and n.kind = 'recall'
         and n.acknowledge_by + make_interval(hours => ($2::int[])[n.escalations + 1]) <= $1
         and r.state in ('executing', 'in_force')
       order by n.acknowledge_by, n.id limit $3 for update of n skip locked`,
      [now, hours, limit],
    );
  }

  async escalated(tx: Tx, id: string, steps: number): Promise<void> {
    await tx.query("update notices set escalations = $2 where id = $1", [id, steps]);
  }
}

/** $2: only what wants to be acknowledged still, only what does not, or all. */
const OPEN = "($2::boolean is null or $2 = (n.acknowledged_at is null))";
