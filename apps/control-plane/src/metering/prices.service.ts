import { Injectable } from "@nestjs/common";
import {
  idOf,
  type ListPrices,
  type Page,
  type PreviewPrice,
  Price,
  type PricePreview,
  type SetPrice,
  type Violation,
} from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { type PriceRow, PricesRepository, STORAGE } from "./prices.repository.js";

const PriceId = idOf("price");

/** What an hour on a place and a GiB for a month cost, from when. Everybody may read it; platform administrators set it. */
@Injectable()
export class Prices {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly prices: PricesRepository,
    private readonly cursors: Cursors,
  ) {}

  list(viewer: Viewer, { limit, cursor, include, ...filters }: ListPrices): Promise<Page<Price>> {
    const now = new Date();
    const wanted = { subject: filters["filter[subject]"] ?? null, state: filters["filter[state]"] ?? null, now };
    const binding = boundTo(viewer, `prices?subject=${wanted.subject}&state=${wanted.state}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.prices.list(tx, wanted, before === undefined ? null : String(before), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ id }) => [id]);
      const total = include === "total" ? { total: await this.prices.count(tx, wanted) } : {};
      return { ...page, ...total, data: page.data.map((row) => viewOf(row, now)) };
    });
  }

  /** What it would take the place of. Writes nothing, and is refused as the price would be. */
  preview(viewer: Viewer, request: PreviewPrice): Promise<PricePreview> {
    refuseOthers(viewer);
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      const now = new Date();
      const validFrom = await this.checked(tx, request, now);
      const { before, after } = await this.prices.around(tx, request.subject, validFrom);
      return {
        currency: await this.prices.currency(tx),
        validFrom: validFrom.toISOString(),
        before: before === null ? null : viewOf(before, now),
        until: after?.valid_from.toISOString() ?? null,
      };
    });
  }

  /** Never for the past: what was used before has its price. */
  set(viewer: Viewer, request: SetPrice): Promise<Price> {
    refuseOthers(viewer);
    return this.unitOfWork.run(viewer, async (tx) => {
      const now = new Date();
      const validFrom = await this.checked(tx, request, now);
      const id = await this.prices.insert(tx, { ...request, currency: await this.prices.currency(tx), validFrom });
      await tx.audit({
        institutionId: PLATFORM_ID,
        action: "price.set",
        object: request.subject,
        reason: request.reason,
        after: { id, ...request },
      });
      const row = await this.prices.find(tx, id);
      if (row === null) throw new Error(`Price ${id} cannot be read back.`);
      return viewOf(row, now);
    });
  }

  /** When it begins. @throws Refusal `rule` */
  private async checked(tx: Tx, { subject, validFrom: asked }: PreviewPrice, now: Date): Promise<Date> {
    const validFrom = asked === undefined ? now : new Date(asked);
    const name = subject.split(":")[1] ?? "";
    const violations: Violation[] = [];
    if (validFrom < now) {
      violations.push({ code: "price_in_past", detail: "a price holds from now on at the earliest", pointer: "/validFrom" });
    }
    if (subject !== STORAGE && !(await this.prices.hasCluster(tx, name))) {
      violations.push({ code: "cluster_unknown", detail: `there is no cluster ${name}`, pointer: "/subject" });
    }
    if (await this.prices.has(tx, subject, validFrom)) {
      const detail = `a price of ${subject} begins at that very instant already; choose another`;
      violations.push({ code: "price_exists", detail, pointer: "/validFrom" });
    }
    refuseIfAny(violations);
    return validFrom;
  }
}

function refuseOthers(viewer: Viewer): void {
  if (hasRole(viewer, "platform_admin")) return;
  const detail = `needs the role platform_admin at ${PLATFORM_SLUG}`;
  throw new Refusal("denied", `Prices are set by platform administrators: ${detail}.`, [{ code: "role", detail }]);
}

function viewOf(row: PriceRow, now: Date): Price {
  const isOver = row.valid_to !== null && row.valid_to <= now;
  return Price.parse({
    id: PriceId.parse(row.id),
    subject: row.subject,
    state: row.valid_from > now ? "coming" : isOver ? "past" : "in_force",
    amount: Number(row.amount),
    currency: row.currency,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
    setBy: row.set_by,
    reason: row.reason,
  });
}
