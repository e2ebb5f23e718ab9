import { Inject, Injectable } from "@nestjs/common";
import { COVERED_STATES, supportStep } from "@ziggurat/pyramid";
import { Notices } from "../notices/notices.service.js";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";

interface EndingRow {
  readonly version_id: string;
  readonly institution_id: string;
  readonly ref: string;
  readonly ends_at: Date;
  readonly successor: string | null;
  readonly reason: string;
  /** The last step that was told; null before the first. */
  readonly told: number | null;
}

const BATCH = 100;

/** Tells every institution that stands on a version whose support ends: when that is stated, and again as the end comes nearer. */
@Injectable()
export class SupportNotices {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notices: Notices,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * However late it runs, the newest step alone is told, and each once.
   * @returns how many notices were written
   */
  async run(now: Date): Promise<number> {
    const days = this.config.supportNoticeDays;
    const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "end of support");
    const due = await this.unitOfWork.run(viewer, async (tx) =>
      (await this.ending(tx, now, days)).filter(({ ends_at, told }) => (told ?? -1) < supportStep(ends_at, now, days)),
    );
    let written = 0;
    for (const row of due.slice(0, BATCH)) {
      written += await this.unitOfWork.run(viewer, (tx) => this.tell(tx, row, supportStep(row.ends_at, now, days)));
    }
    return written;
  }

  private async tell(tx: Tx, row: EndingRow, step: number): Promise<number> {
    // Of two workers one takes the step; the other waits for it and finds it taken.
    const taken = await tx.query(
      "insert into support_tellings (version_id, step, institution_id) values ($1, $2, $3) on conflict do nothing returning step",
      [row.version_id, step, row.institution_id],
    );
    if (taken.length === 0) return 0;
    const end = row.ends_at.toISOString().slice(0, 10);
    const next = row.successor === null ? "" : `; ${row.successor} takes its place`;
    const reason = `support ends ${end}${next}${row.reason === "" ? "" : `: ${row.reason}`}`;
    const standing = await this.standingOn(tx, row.version_id);
    for (const { institution_id: institutionId, versions } of standing) {
      await this.notices.tell(tx, {
        institutionId,
        kind: "support_end",
        subject: row.ref,
        recallId: null,
        reason,
        acknowledgeBy: null,
        step,
        versions,
      });
    }
    await tx.audit({
      institutionId: row.institution_id,
      action: "notice.support_end",
      object: row.ref,
      reason,
      after: { step, institutions: standing.length },
    });
    return standing.length;
  }

  /** Deprecated versions whose end is stated, nearest first, as long as the next step of them may be due. */
  private ending(tx: Tx, now: Date, days: readonly number[]): Promise<EndingRow[]> {
    return tx.query<EndingRow>(
      `select d.version_id, d.institution_id, m.namespace || '/' || m.slug || '@' || v.number as ref, d.ends_at, d.reason,
         sm.namespace || '/' || sm.slug || '@' || s.number as successor,
         (select max(t.step) from support_tellings t where t.version_id = d.version_id) as told
       from deprecations d join versions v on v.id = d.version_id and v.state = 'deprecated' join models m on m.id = v.model_id
         left join versions s on s.id = d.successor_id left join models sm on sm.id = s.model_id
       where d.ends_at is not null
         and not exists (select from support_tellings t where t.version_id = d.version_id and t.step >= $2)
         and (d.ends_at <= $1::timestamptz + make_interval(days => $3)
           or not exists (select from support_tellings t where t.version_id = d.version_id))
       order by d.ends_at, d.version_id`,
      [now, days.length, Math.max(...days, 0)],
    );
  }

  /** Institutions with versions in use that are it or stand on it, read from the line closure, with how many. */
  private standingOn(tx: Tx, versionId: string): Promise<{ readonly institution_id: string; readonly versions: number }[]> {
    return tx.query(
      `with root as (select line_id, line_seq from versions where id = $1),
       below as (
         select line_id, min(k) as k from (
           select c.line_id, c.min_seq as k from root r join line_closure c on c.anc_line = r.line_id and c.anc_seq >= r.line_seq
           union all select line_id, line_seq from root) hit group by line_id)
       select v.institution_id, count(*)::int as versions from below b join versions v on v.line_id = b.line_id and v.line_seq >= b.k
       where v.state = any($2) group by v.institution_id order by v.institution_id`,
      [versionId, COVERED_STATES],
    );
  }
}
