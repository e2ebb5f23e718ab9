import { Injectable } from "@nestjs/common";
import {
  type EndEntitlement,
  Entitlement,
  type GrantEntitlement,
  idOf,
  type LineAccess,
  type ListEntitlements,
  type Page,
  RecallId,
  RIGHTS,
  type SetLineAccess,
} from "@ziggurat/contracts";
import { checkGrant, entitlementState } from "@ziggurat/institution";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { type EntitlementRow, EntitlementsRepository } from "./entitlements.repository.js";

const EntitlementId = idOf("entitlement");

/** What institutions may do with shared lines that are not open to all: granted, looked at, ended, suspended by recalls. */
@Injectable()
export class Entitlements {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly entitlements: EntitlementsRepository,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, slug: string, query: ListEntitlements): Promise<Page<Entitlement>> {
    const state = query["filter[state]"] ?? null;
    const binding = boundTo(viewer, `entitlements of ${slug}?state=${state}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id } = await this.institution(tx, slug);
      const rows = await this.entitlements.list(tx, id, state, before === undefined ? null : String(before), query.limit + 1);
      const page = this.cursors.page(rows, query.limit, binding, (row) => [row.id]);
      const total = query.include === "total" ? { total: await this.entitlements.count(tx, id, state) } : {};
      return { ...page, ...total, data: page.data.map((row) => viewOf(row)) };
    });
  }

  grant(viewer: Viewer, slug: string, request: GrantEntitlement): Promise<Entitlement> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id: institutionId } = await this.institution(tx, slug);
      refuseOthers(viewer);
      const { namespace, model, number } = partsOf(request.subject);
      const found = await this.entitlements.subject(tx, namespace, model, number);
      const now = new Date();
      const startsAt = request.startsAt === undefined ? now : new Date(request.startsAt);
      refuseIfAny(
        checkGrant({
          subject: request.subject,
          startsAt,
          endsAt: request.endsAt === undefined ? null : new Date(request.endsAt),
          rights: request.rights,
          isPlatform: institutionId === PLATFORM_ID,
          found,
          others: found === null ? [] : await this.entitlements.open(tx, institutionId, found),
          now,
        }),
      );
      if (found === null) throw new Error("A grant without violations has its subject.");
      const rights = RIGHTS.filter((right) => right === "see" || request.rights.includes(right));
      const id = await this.entitlements.insert(tx, institutionId, found, { ...request, rights }, startsAt);
      await tx.audit({
        institutionId,
        action: "entitlement.grant",
        object: request.subject,
        reason: request.reason,
        after: { id, ...request },
      });
      return this.view(tx, institutionId, id);
    });
  }

  /** Ends it now; ended twice, the second is refused. What stands on the line goes on being seen by whoever made it. */
  end(viewer: Viewer, slug: string, id: string, { reason }: EndEntitlement): Promise<Entitlement> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const { id: institutionId } = await this.institution(tx, slug);
      const found = await this.entitlements.find(tx, institutionId, id);
      if (found === null) throw hidden();
      refuseOthers(viewer);
      if (!(await this.entitlements.end(tx, id, reason))) {
        const detail = `${id} has ended already`;
        throw new Refusal("conflict", detail, [{ code: "entitlement_ended", detail }]);
      }
      await tx.audit({ institutionId, action: "entitlement.end", object: found.subject, reason, before: viewOf(found) });
      return this.view(tx, institutionId, id);
    });
  }

  access(viewer: Viewer, namespace: string, slug: string): Promise<LineAccess> {
    return this.unitOfWork.run(viewer, async (tx) => this.accessOf(tx, await this.line(tx, namespace, slug), `${namespace}/${slug}`));
  }

  setAccess(viewer: Viewer, namespace: string, slug: string, { isOpen, reason }: SetLineAccess): Promise<LineAccess> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const ref = `${namespace}/${slug}`;
      const line = await this.line(tx, namespace, slug);
      if (line.is_open !== isOpen) {
        await this.entitlements.setOpen(tx, line.id, isOpen);
        await tx.audit({
          institutionId: PLATFORM_ID,
          action: isOpen ? "model.open" : "model.close",
          object: ref,
          reason,
          before: { isOpen: line.is_open },
          after: { isOpen },
        });
      }
      return this.accessOf(tx, { ...line, is_open: isOpen }, ref);
    });
  }

  /** Suspends what names versions that a recall takes out of use, in the transaction that does it. */
  async suspend(tx: Tx, recallId: string, versionIds: readonly string[], reason: string): Promise<void> {
    await this.auditChanges(tx, "entitlement.suspend", await this.entitlements.suspend(tx, recallId, versionIds), reason);
  }

  /** Gives back what a recall had suspended. */
  async resume(tx: Tx, recallId: string, reason: string): Promise<void> {
    await this.auditChanges(tx, "entitlement.resume", await this.entitlements.resume(tx, recallId), reason);
  }

  private auditChanges(
    tx: Tx,
    action: "entitlement.suspend" | "entitlement.resume",
    rows: readonly EntitlementRow[],
    reason: string,
  ): Promise<void> {
    return tx.auditAll(
      rows.map((row) => ({ institutionId: row.institution_id, action, object: row.subject, reason, after: { id: row.id } })),
    );
  }

  /** Only the platform's people learn who uses a line; to an institution the question is not answered, whatever the line. */
  private async line(tx: Tx, namespace: string, slug: string) {
    if (tx.viewer.reach !== "platform") throw hidden();
    const line = await this.entitlements.line(tx, namespace, slug);
    if (line === null) throw hidden();
    refuseOthers(tx.viewer);
    if (line.institution_id !== PLATFORM_ID) {
      const detail = `${namespace}/${slug} belongs to an institution; only shared lines are opened and closed`;
      throw new Refusal("rule", detail, [{ code: "entitlement_shared", detail }]);
    }
    return line;
  }

  private async accessOf(tx: Tx, line: { readonly id: string; readonly is_open: boolean }, model: string): Promise<LineAccess> {
    const rows = await this.entitlements.access(tx, line.id);
    return {
      model,
      isOpen: line.is_open,
      institutions: rows.map(({ institution, rights, ends_at, task_models }) => ({
        institution,
        rights: RIGHTS.filter((right) => rights.includes(right)),
        endsAt: ends_at?.toISOString() ?? null,
        taskModels: task_models,
      })),
    };
  }

  /** The institution, as far as the viewer may look into it. @throws Refusal `hidden` */
  private async institution(tx: Tx, slug: string): Promise<{ readonly id: string }> {
    const isForeign = tx.viewer.reach === "tenant" && slug !== tx.viewer.institutionSlug;
    const found = isForeign ? null : await this.entitlements.institution(tx, slug);
    if (found === null) throw hidden();
    return found;
  }

  private async view(tx: Tx, institutionId: string, id: string): Promise<Entitlement> {
    const row = await this.entitlements.find(tx, institutionId, id);
    if (row === null) throw new Error(`Entitlement ${id} cannot be read back.`);
    return viewOf(row);
  }
}

function refuseOthers(viewer: Viewer): void {
  if (hasRole(viewer, "platform_admin")) return;
  const detail = `needs the role platform_admin at ${PLATFORM_SLUG}`;
  throw new Refusal("denied", `Entitlements are the platform's to grant: ${detail}.`, [{ code: "role", detail }]);
}

function partsOf(subject: string) {
  const [path = "", number] = subject.split("@");
  const [namespace = "", model = ""] = path.split("/");
  return { namespace, model, number: number === undefined ? null : Number(number) };
}

function viewOf(row: EntitlementRow): Entitlement {
  return {
    id: EntitlementId.parse(row.id),
    institution: row.institution,
    subject: row.subject,
    tier: row.tier,
    rights: RIGHTS.filter((right) => row.rights.includes(right)),
    maxTaskModels: row.max_task_models,
    scenarios: row.scenarios,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at?.toISOString() ?? null,
    state: entitlementState(
      { startsAt: row.starts_at, endsAt: row.ends_at, endedAt: row.ended_at, isSuspended: row.suspended_by !== null },
      new Date(),
    ),
    reason: row.reason,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by,
    endReason: row.end_reason,
    suspendedBy: row.suspended_by === null ? null : RecallId.parse(row.suspended_by),
    taskModels: row.task_models,
  };
}
