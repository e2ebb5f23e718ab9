import { Injectable } from "@nestjs/common";
import { idOf, type ListNotices, type Notice, type Page, RecallId } from "@ziggurat/contracts";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { type NewNotice, type NoticeRow, NoticesRepository } from "./notices.repository.js";

const NoticeId = idOf("notice");

/** The inbox of an institution: what it must know, who saw it, who confirmed it. */
@Injectable()
export class Notices {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notices: NoticesRepository,
    private readonly cursors: Cursors,
  ) {}

  /** Writes a notice into the transaction of what it tells about; told again, nothing is written. */
  tell(tx: Tx, notice: NewNotice): Promise<boolean> {
    return this.notices.insert(tx, notice);
  }

  toldOf(tx: Tx, recallId: string): Promise<string[]> {
    return this.notices.toldOf(tx, recallId);
  }

  list(viewer: Viewer, query: ListNotices): Promise<Page<Notice>> {
    const filter = query["filter[open]"];
    const open = filter === undefined ? null : filter === "true";
    const binding = boundTo(viewer, `notices?open=${open}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.notices.list(tx, open, before === undefined ? null : String(before), query.limit + 1);
      const page = this.cursors.page(rows, query.limit, binding, ({ id }) => [id]);
      const total = query.include === "total" ? { total: await this.notices.count(tx, open) } : {};
      return { ...page, ...total, data: page.data.map((row) => viewOf(row, viewer)) };
    });
  }

  /** Somebody of the institution has it on the screen. */
  see(viewer: Viewer, id: string): Promise<Notice> {
    return this.unitOfWork.run(viewer, async (tx) => {
      if ((await this.notices.find(tx, id)) === null) throw hidden();
      await this.notices.see(tx, id);
      return this.view(tx, id);
    });
  }

  /** Confirmed twice, the first word stands. */
  acknowledge(viewer: Viewer, id: string): Promise<Notice> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.notices.find(tx, id);
      if (row === null) throw hidden();
      if (!mayAcknowledge(viewer)) {
        throw new Refusal("denied", "Confirming a notice needs one of the roles institution_admin, compliance_reviewer, platform_admin.");
      }
      if (await this.notices.acknowledge(tx, id, viewer.name)) {
        await tx.audit({
          institutionId: row.institution_id,
          action: "notice.acknowledge",
          object: id,
          reason: `${row.kind} of ${row.subject}`,
        });
      }
      return this.view(tx, id);
    });
  }

  private async view(tx: Tx, id: string): Promise<Notice> {
    const row = await this.notices.find(tx, id);
    if (row === null) throw hidden();
    return viewOf(row, tx.viewer);
  }
}

function mayAcknowledge(viewer: Viewer): boolean {
  return hasRole(viewer, "institution_admin", "compliance_reviewer", "platform_admin");
}

function viewOf(row: NoticeRow, viewer: Viewer): Notice {
  return {
    id: NoticeId.parse(row.id),
    institution: row.institution,
    kind: row.kind,
    subject: row.subject,
    recall: row.recall_id === null ? null : RecallId.parse(row.recall_id),
    versions: row.versions,
    about: row.about,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    acknowledgeBy: row.acknowledge_by?.toISOString() ?? null,
    seenAt: row.seen_at?.toISOString() ?? null,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
    mayAcknowledge: row.acknowledged_at === null && mayAcknowledge(viewer),
  };
}
