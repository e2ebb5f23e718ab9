import { Injectable } from "@nestjs/common";
import type { AskLift, CreateHold, Hold, HoldAction, ListHolds, Page } from "@ziggurat/contracts";
import { checkHoldAction, whyNotHold } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { viewerFacts } from "../registry/pyramid.js";
import { Separation } from "../separation/separation.service.js";
import { type HoldRow, holdFacts, holdOf, stateOf } from "./hold-row.js";
import { HoldsRepository } from "./holds.repository.js";

/** Legal holds: set at once by one person, lifted by two. */
@Injectable()
export class Holds {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly holds: HoldsRepository,
    private readonly separation: Separation,
    private readonly cursors: Cursors,
  ) {}

  /** In force when the request is answered: a purge under way has either happened before, or finds the hold. */
  set(viewer: Viewer, request: CreateHold): Promise<Hold> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const subject = await this.holds.lockSubject(tx, request);
      if (subject === null) throw hidden();
      const denied = whyNotHold(viewerFacts(viewer), subject.owner);
      if (denied !== null) refuseIfAny([{ code: "hold_role", detail: denied, pointer: `/${subject.kind}` }], "denied");
      const id = await this.holds.insert(tx, subject, request);
      await tx.audit({ institutionId: subject.institutionId, action: "hold.set", object: id, reason: request.reason, after: request });
      return this.view(tx, id);
    });
  }

  /** The first word of two. */
  askLift(viewer: Viewer, id: string, { reason }: AskLift): Promise<Hold> {
    return this.act(viewer, id, "ask_lift", reason, (tx) => this.holds.askLift(tx, id, reason));
  }

  /** The second word, of another person: the hold ends. */
  confirmLift(viewer: Viewer, id: string): Promise<Hold> {
    return this.act(viewer, id, "confirm_lift", null, (tx) => this.holds.lift(tx, id));
  }

  /** The request is taken back, by who asked or by who would have confirmed; the hold stays. */
  withdrawLift(viewer: Viewer, id: string): Promise<Hold> {
    return this.act(viewer, id, "withdraw_lift", null, (tx) => this.holds.withdrawLift(tx, id));
  }

  get(viewer: Viewer, id: string): Promise<Hold> {
    return this.unitOfWork.run(viewer, (tx) => this.view(tx, id));
  }

  list(viewer: Viewer, query: ListHolds): Promise<Page<Hold>> {
    const [open, subject] = [query["filter[open]"], query["filter[subject]"] ?? null];
    const filter = { isOpen: open === undefined ? null : open === "true", subject };
    const binding = boundTo(viewer, `holds?open=${open}&subject=${subject}`);
    const before = this.cursors.decode(query.cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.holds.list(tx, filter, before === undefined ? null : String(before), query.limit + 1);
      const page = this.cursors.page(rows, query.limit, binding, ({ id }) => [id]);
      return { ...page, data: await this.views(tx, page.data) };
    });
  }

  private act(viewer: Viewer, id: string, action: HoldAction, reason: string | null, write: (tx: Tx) => Promise<void>): Promise<Hold> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.holds.lock(tx, id);
      if (row === null) throw hidden();
      const work = (await this.separation.of(tx, "thing", [id])).get(id);
      const broken = checkHoldAction(action, holdFacts(row, work), viewerFacts(viewer));
      refuseIfAny(broken, broken.some(({ code }) => code === "hold_state") ? "conflict" : "denied");
      await write(tx);
      await tx.audit({
        institutionId: row.institution_id,
        action: ACTIONS[action],
        object: id,
        reason: reason ?? row.lift_reason ?? "",
        before: wordsOf(row),
        after: wordsOf(await this.row(tx, id)),
      });
      return this.view(tx, id);
    });
  }

  private async view(tx: Tx, id: string): Promise<Hold> {
    const [view] = await this.views(tx, [await this.row(tx, id)]);
    if (view === undefined) throw hidden();
    return view;
  }

  private async views(tx: Tx, rows: readonly HoldRow[]): Promise<Hold[]> {
    const asked = rows.filter((row) => stateOf(row) === "lift_asked").map(({ id }) => id);
    const works = await this.separation.of(tx, "thing", asked);
    return rows.map((row) => holdOf(row, tx.viewer, works.get(row.id)));
  }

  private async row(tx: Tx, id: string): Promise<HoldRow> {
    const row = await this.holds.find(tx, id);
    if (row === null) throw hidden();
    return row;
  }
}

const ACTIONS = { ask_lift: "hold.ask_lift", confirm_lift: "hold.lift", withdraw_lift: "hold.withdraw_lift" } as const;

/** What moves in a hold. */
function wordsOf(row: HoldRow) {
  return { state: stateOf(row), subject: row.subject, liftAskedBy: row.lift_asked_by, liftedBy: row.lifted_by_name };
}
