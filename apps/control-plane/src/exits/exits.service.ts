import { randomBytes } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import {
  type ApproveExit,
  type CancelExit,
  type ExitAction,
  ExitId,
  type ExitPreview,
  type InstitutionExit,
  type NoticeKind,
  SignedCertificate,
  type StartExit,
} from "@ziggurat/contracts";
import {
  checkExitAct,
  type ExitPerson,
  erasesAt,
  exitActions,
  exitBlockers,
  exitSide,
  type OpenExit,
  unwaived,
} from "@ziggurat/institution";
import { SEPARATION_CODES } from "@ziggurat/pyramid";
import { Notices } from "../notices/notices.service.js";
import { CONFIG, type Config } from "../platform/config.js";
import { auditDigest } from "../platform/database/audit-record.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { Separation } from "../separation/separation.service.js";
import { ExitFactsRepository } from "./exit-facts.repository.js";
import { exitOf } from "./exit-view.js";
import { type ExitRow, ExitsRepository, type LeavingInstitution } from "./exits.repository.js";
import { ExportsRepository, exportOf } from "./exports.repository.js";

/** What an institution and the platform do about an exit: look, begin, agree, call off. */
@Injectable()
export class Exits {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exits: ExitsRepository,
    private readonly facts: ExitFactsRepository,
    private readonly exports: ExportsRepository,
    private readonly notices: Notices,
    private readonly separation: Separation,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  async get(viewer: Viewer, slug: string): Promise<InstitutionExit> {
    const institution = await this.visible(viewer, slug);
    return this.asMachinery(viewer, (tx) => this.view(tx, viewer, institution));
  }

  /** Changes nothing. For those who may begin or approve: it counts what an institution has. */
  async preview(viewer: Viewer, slug: string): Promise<ExitPreview> {
    const institution = await this.visible(viewer, slug);
    if (exitSide(personOf(viewer), slug) === null || slug === PLATFORM_SLUG) this.refuse("start", viewer, institution, null);
    return this.asMachinery(viewer, (tx) => this.previewOf(tx, institution));
  }

  /** From here on the institution is read only. What was shown is what is agreed to: a preview that has aged is refused. */
  async start(viewer: Viewer, slug: string, request: StartExit): Promise<InstitutionExit> {
    const institution = await this.visible(viewer, slug);
    return this.asMachinery(viewer, async (tx) => {
      const locked = await this.exits.lockInstitution(tx, institution.id);
      this.refuse("start", viewer, locked, null);
      refuseOtherName(request.confirm, slug);
      if ((await this.previewOf(tx, locked)).mark !== request.mark) {
        const detail = "what would go is no longer what the preview showed; look again";
        throw new Refusal("conflict", detail, [{ code: "graph_changed", detail, pointer: "/mark" }]);
      }
      const side = exitSide(personOf(viewer), slug);
      if (side === null) throw new Error("Somebody of no side was let through.");
      const id = newId("exit");
      await this.exits.insert(tx, {
        id,
        institution_id: locked.id,
        reason: request.reason,
        started_side: side,
        certificate_key: `zec_${secretText(40)}`,
      });
      await this.exits.setState(tx, locked.id, "leaving");
      await tx.audit({
        institutionId: locked.id,
        action: "exit.start",
        object: slug,
        reason: request.reason,
        before: { state: "active" },
        after: { state: "leaving", exit: id, side },
      });
      await this.tell(tx, locked, "exit_started", request.reason);
      return this.view(tx, viewer, { ...locked, state: "leaving" });
    });
  }

  /** The other side agrees. Refused while anything but the want of an export stands in the way; that wants a waiver. */
  async approve(viewer: Viewer, slug: string, request: ApproveExit): Promise<InstitutionExit> {
    const institution = await this.visible(viewer, slug);
    return this.asMachinery(viewer, async (tx) => {
      const locked = await this.exits.lockInstitution(tx, institution.id);
      const open = await this.open(tx, locked);
      this.refuse("approve", viewer, locked, await this.openOf(tx, open));
      refuseOtherName(request.confirm, slug);
      const blockers = unwaived(exitBlockers(await this.facts.read(tx, locked.id)), request.waiver !== undefined);
      refuseIfAny(
        blockers.map(({ code, count, named }) => ({
          code,
          detail: `${code}: ${count}${named.length > 0 ? ` (${named.join(", ")})` : ""}`,
        })),
        "conflict",
      );
      const side = exitSide(personOf(viewer), slug);
      if (side === null || open === null) throw new Error("Somebody of no side was let through.");
      const at = new Date();
      const ends = erasesAt(at, this.config.rules.exitCoolingOffDays);
      const exportId = (await this.facts.newestExport(tx, locked.id))?.id ?? null;
      const waiver = request.waiver ?? null;
      await this.exits.approve(tx, open.id, { side, at, erasesAt: ends, waiver, exportId });
      await tx.audit({
        institutionId: locked.id,
        action: "exit.approve",
        object: slug,
        reason: waiver ?? "",
        after: { exit: open.id, side, erasesAt: ends.toISOString(), exportId },
      });
      await this.tell(tx, locked, "exit_approved", `the erasure begins ${ends.toISOString()}`);
      if (ends <= at) await tx.enqueue("institution.erase", { exitId: ExitId.parse(open.id) });
      return this.view(tx, viewer, locked);
    });
  }

  /** Back to where it was; either side may, until the erasure begins. */
  async cancel(viewer: Viewer, slug: string, { reason }: CancelExit): Promise<InstitutionExit> {
    const institution = await this.visible(viewer, slug);
    return this.asMachinery(viewer, async (tx) => {
      const locked = await this.exits.lockInstitution(tx, institution.id);
      const open = await this.open(tx, locked);
      this.refuse("cancel", viewer, locked, await this.openOf(tx, open));
      if (open === null) throw new Error("An institution leaves without an exit.");
      await this.exits.cancel(tx, open.id, reason);
      await this.exits.setState(tx, locked.id, "active");
      await tx.audit({
        institutionId: locked.id,
        action: "exit.cancel",
        object: slug,
        reason,
        before: { state: "leaving", exit: open.id },
        after: { state: "active" },
      });
      await this.tell(tx, locked, "exit_cancelled", reason);
      return this.view(tx, viewer, { ...locked, state: "active" });
    });
  }

  /** For the platform's people; nobody else can ask any more. */
  async certificate(viewer: Viewer, slug: string): Promise<SignedCertificate> {
    const { id } = await this.visible(viewer, slug);
    return this.asMachinery(viewer, async (tx) => certificateOf(await this.exits.newest(tx, id)));
  }

  /** For whoever was given the address before; it says who it was by itself. */
  async certificateBy(key: string): Promise<SignedCertificate> {
    const viewer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "certificate");
    return this.unitOfWork.run(viewer, async (tx) => certificateOf(await this.exits.byCertificateKey(tx, key)));
  }

  /** The institution as far as the viewer may look into it. @throws Refusal `hidden` */
  async visible(viewer: Viewer, slug: string): Promise<LeavingInstitution> {
    const isForeign = viewer.reach === "tenant" && slug !== viewer.institutionSlug;
    const found = isForeign ? null : await this.unitOfWork.run(viewer, (tx) => this.exits.institution(tx, slug));
    if (found === null) throw hidden();
    return found;
  }

  /** @throws Refusal when this person cannot do that now */
  refuse(act: ExitAction, viewer: Viewer, institution: LeavingInstitution, open: OpenExit | null): void {
    const broken = checkExitAct(act, personOf(viewer), institution.slug, institution.state, open);
    const [first] = broken;
    if (first === undefined) return;
    const isPerson = first.code === "exit_role" || SEPARATION_CODES.includes(first.code);
    throw new Refusal(isPerson ? "denied" : "conflict", first.detail, broken);
  }

  /** The exit under way. */
  async open(tx: Tx, { id, state }: LeavingInstitution): Promise<ExitRow | null> {
    return state === "leaving" || state === "erasing" ? this.exits.newest(tx, id) : null;
  }

  /** Blockers look at what the platform's people may not read, and the state is nobody's own row: the rules above decide who may. */
  private asMachinery<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.unitOfWork.run({ ...viewer, reach: "system" }, work);
  }

  private async previewOf(tx: Tx, { id, slug }: LeavingInstitution): Promise<ExitPreview> {
    const amounts = await this.facts.amounts(tx, id);
    const { auditEntries: _, ...stays } = amounts.stays;
    return {
      institution: slug,
      ...amounts,
      blockers: exitBlockers(await this.facts.read(tx, id)),
      coolingOffDays: this.config.rules.exitCoolingOffDays,
      // The log grows with every look at something; it is no part of what is agreed to.
      mark: auditDigest({ goes: amounts.goes, stays }),
    };
  }

  private async view(tx: Tx, viewer: Viewer, institution: LeavingInstitution): Promise<InstitutionExit> {
    const { id, slug, state } = institution;
    const row = await this.exits.newest(tx, id);
    const facts = await this.facts.read(tx, id);
    const exports = await this.exports.list(tx, id);
    const newest = exports.find((each) => each.state === "done");
    const isCurrent = (exportId: string) => exportId === newest?.id && facts.export.changesSince === 0;
    const person = personOf(viewer);
    const side = exitSide(person, slug);
    const open = state === "leaving" || state === "erasing" ? row : null;
    return {
      institution: slug,
      state,
      exit:
        row === null
          ? null
          : exitOf(row, {
              blockers: state === "leaving" ? unwaived(exitBlockers(facts), row.waiver !== null) : [],
              mayKeepAddress: side !== null,
            }),
      exports: side === null ? [] : exports.map((each) => exportOf(each, isCurrent(each.id))),
      actions: exitActions(person, slug, state, await this.openOf(tx, open)),
      mayDownload: side === "institution" && (state === "active" || state === "leaving"),
    };
  }

  private async openOf(tx: Tx, row: ExitRow | null): Promise<OpenExit | null> {
    if (row === null) return null;
    const notSecond = await this.separation.check(tx, "exit_approval", "thing", row.id);
    return { startedSide: row.started_side, notSecond, isApproved: row.approved_by !== null };
  }

  private tell(tx: Tx, { id, slug }: LeavingInstitution, kind: NoticeKind, reason: string): Promise<boolean> {
    const step = Math.floor(Date.now() / 1000);
    return this.notices.tell(tx, {
      institutionId: id,
      kind,
      subject: slug,
      recallId: null,
      reason,
      acknowledgeBy: null,
      step,
      versions: 0,
    });
  }
}

export function personOf({ roles, institutionSlug }: Viewer): ExitPerson {
  return { roles, home: institutionSlug };
}

function certificateOf(row: ExitRow | null): SignedCertificate {
  if (row === null || row.certificate === null) throw hidden();
  return SignedCertificate.parse(row.certificate);
}

/** Typed, not clicked: the name of what goes. */
function refuseOtherName(confirm: string, slug: string): void {
  if (confirm === slug) return;
  refuseIfAny([{ code: "confirm_name", detail: `type ${slug} to confirm`, pointer: "/confirm" }], "rule");
}

function secretText(length: number): string {
  return Array.from(randomBytes(length), (byte) => (byte % 36).toString(36)).join("");
}
